//! The part of sdk/include/revenge/abi/ that plain.rs uses, by the names it has there. A test holds it against sdk/abi-baseline/.
#![allow(non_camel_case_types, dead_code)]

use core::ffi::c_void;

pub type revenge_status = i32;
pub type revenge_handle = u64;
/// A function this plugin never calls or leaves out.
pub type unused = *const c_void;

pub const OK: revenge_status = 0;
pub const INVALID: revenge_status = -2;
pub const REFUSED: revenge_status = -5;
pub const UNAVAILABLE: revenge_status = -6;
pub const LIMIT: revenge_status = -11;
pub const GENERATION: u32 = 1;
pub const HTTP_GET: u32 = 1;

#[repr(C)]
pub struct revenge_host {
    opaque: [u8; 0],
}

#[repr(C)]
pub struct revenge_call {
    opaque: [u8; 0],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct revenge_view {
    pub data: *const u8,
    pub size: usize,
}

#[repr(C)]
pub struct revenge_buffer {
    pub data: *const u8,
    pub size: usize,
    pub release: Option<unsafe extern "C" fn(owner: *mut c_void)>,
    pub owner: *mut c_void,
}

#[repr(C)]
pub struct revenge_error {
    pub size: u32,
    pub length: u32,
    pub message: [u8; 480],
}

#[repr(C)]
pub struct revenge_config_value {
    pub size: u32,
    pub r#type: u32,
    pub pointer: revenge_view,
    pub integer: i64,
    pub number: f64,
    pub text: revenge_view,
}

#[repr(C)]
pub struct revenge_config {
    pub size: u32,
    pub reserved: u32,
    pub revision: u64,
    pub json: revenge_view,
    pub values: *const revenge_config_value,
    pub value_count: usize,
}

pub type lifecycle = unsafe extern "C" fn(*mut c_void, *const revenge_call, *mut revenge_error) -> revenge_status;

#[repr(C)]
pub struct revenge_instance {
    pub size: u32,
    pub reserved: u32,
    pub self_: *mut c_void,
    pub start: Option<lifecycle>,
    pub stop: Option<lifecycle>,
    pub destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    pub health: Option<lifecycle>,
    pub prepare: Option<
        unsafe extern "C" fn(
            *mut c_void,
            *const revenge_call,
            *const revenge_config,
            *mut revenge_error,
        ) -> revenge_status,
    >,
    pub commit: Option<unsafe extern "C" fn(*mut c_void, *const revenge_config)>,
    pub abort: unused,
    pub save: unused,
    pub restore: unused,
    pub resume: unused,
}

#[repr(C)]
pub struct revenge_host_api {
    pub size: u32,
    pub abi_generation: u32,
    pub version: revenge_view,
    pub host: *const revenge_host,
    pub query: unsafe extern "C" fn(*const revenge_host, revenge_view) -> *const c_void,
}

#[repr(C)]
pub struct revenge_plugin {
    pub size: u32,
    pub abi_generation: u32,
    pub id: revenge_view,
    pub version: revenge_view,
    pub sdk_version: revenge_view,
    pub create: unsafe extern "C" fn(
        *const revenge_host_api,
        *const revenge_call,
        *const revenge_config,
        *mut revenge_instance,
        *mut revenge_error,
    ) -> revenge_status,
}

#[repr(C)]
pub struct revenge_http_request {
    pub size: u32,
    pub method: u32,
    pub exchange: revenge_handle,
    pub target: revenge_view,
    pub path: revenge_view,
    pub query: revenge_view,
    pub pattern: revenge_view,
    pub path_parameters: unused,
    pub path_parameter_count: usize,
    pub query_parameters: unused,
    pub query_parameter_count: usize,
    pub headers: unused,
    pub header_count: usize,
    pub remote_address: revenge_view,
    pub remote_port: u32,
    pub may_block: u32,
    pub body: revenge_view,
    pub content_length: i64,
}

#[repr(C)]
pub struct revenge_http_route {
    pub size: u32,
    pub method: u32,
    pub pattern: revenge_view,
    pub execution: u32,
    pub body: u32,
    pub max_body_bytes: u64,
    pub timeout_ns: i64,
    pub absence: u32,
    pub rank: i32,
    pub absence_wait_ns: i64,
    pub context: *mut c_void,
    pub handle: unsafe extern "C" fn(
        *mut c_void,
        *const revenge_call,
        *const revenge_http_request,
        *mut revenge_error,
    ) -> revenge_status,
    pub flag: revenge_view,
}

#[repr(C)]
pub struct revenge_http_response {
    pub size: u32,
    pub status: u32,
    pub kind: u32,
    pub file: i32,
    pub headers: unused,
    pub header_count: usize,
    pub content_type: revenge_view,
    pub etag: revenge_view,
    pub body: revenge_buffer,
    pub offset: u64,
    pub length: u64,
    pub modified_ns: i64,
    pub session: revenge_view,
}

#[repr(C)]
pub struct revenge_http {
    pub size: u32,
    pub reserved: u32,
    pub add_route: unsafe extern "C" fn(
        *const revenge_host,
        *const revenge_http_route,
        *mut revenge_handle,
        *mut revenge_error,
    ) -> revenge_status,
    pub add_middleware: unused,
    pub add_listener: unused,
    pub remove: unused,
    pub respond: unsafe extern "C" fn(
        *const revenge_host,
        revenge_handle,
        *const revenge_http_response,
        *mut revenge_error,
    ) -> revenge_status,
    // The functions behind these are not used: a reader may know less than the filler.
}

#[repr(C)]
pub struct revenge_job {
    pub size: u32,
    pub reserved: u32,
    pub context: *mut c_void,
    pub run: unsafe extern "C" fn(*mut c_void, *const revenge_call),
}

#[repr(C)]
pub struct revenge_timer {
    pub size: u32,
    pub reserved: u32,
    pub start: unsafe extern "C" fn(
        *const revenge_host,
        i64,
        i64,
        *const revenge_job,
        *mut revenge_handle,
        *mut revenge_error,
    ) -> revenge_status,
    pub cancel: unused,
    pub submit: unused,
}
