//! A plugin of nothing but the C tables: GET /plain-rust/text answers what is configured, GET /plain-rust/ticks how
//! often its timer ran. Without std, whose thread-locals (pthread_key_create) would keep it mapped; with it, a plugin
//! works as well, and is retired instead of unloaded.
#![no_std]

mod boundary;

use boundary::*;
use core::ffi::c_void;
use core::fmt::Write;
use core::mem::size_of;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

extern "C" {
    fn calloc(count: usize, size: usize) -> *mut c_void;
    fn free(memory: *mut c_void);
    fn abort() -> !;
}

// A panic must not leave the plugin: nothing may unwind through the host.
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo) -> ! {
    unsafe { abort() }
}

/// Zeroes are a valid value of it.
struct Text {
    before: *mut Text,
    size: usize,
    bytes: [u8; 64],
}

impl Write for Text {
    fn write_str(&mut self, more: &str) -> core::fmt::Result {
        self.append(more.as_bytes());
        Ok(())
    }
}

impl Text {
    fn append(&mut self, more: &[u8]) {
        let fits = more.len().min(self.bytes.len() - self.size);
        self.bytes[self.size..self.size + fits].copy_from_slice(&more[..fits]);
        self.size += fits;
    }
}

struct Plain {
    host: *const revenge_host,
    http: *const revenge_http,
    text: AtomicPtr<Text>, // newest first: a handler may still read one that commit has replaced
    ticks: AtomicU64,
}

impl Plain {
    unsafe fn configure(&self, bytes: &[u8]) -> bool {
        let text = calloc(1, size_of::<Text>()) as *mut Text;
        if text.is_null() {
            return false;
        }
        (*text).append(bytes);
        (*text).before = self.text.load(Ordering::Relaxed); // commits never overlap
        self.text.store(text, Ordering::Release);
        true
    }
}

const fn view(text: &'static str) -> revenge_view {
    revenge_view {
        data: text.as_ptr(),
        size: text.len(),
    }
}

const NONE: revenge_view = revenge_view {
    data: ptr::null(),
    size: 0,
};

unsafe fn bytes<'a>(view: revenge_view) -> &'a [u8] {
    if view.size == 0 {
        return &[];
    }
    core::slice::from_raw_parts(view.data, view.size)
}

unsafe fn fail(error: *mut revenge_error, status: revenge_status, why: &str) -> revenge_status {
    if let Some(error) = error.as_mut() {
        error.message[..why.len()].copy_from_slice(why.as_bytes());
        error.length = why.len() as u32;
    }
    status
}

unsafe fn configured<'a>(config: *const revenge_config) -> &'a [u8] {
    if (*config).value_count == 0 {
        return &[];
    }
    let values = core::slice::from_raw_parts((*config).values, (*config).value_count);
    values
        .iter()
        .find(|value| bytes(value.pointer) == b"/text")
        .map_or(&[], |value| bytes(value.text))
}

unsafe extern "C" fn nothing(_: *mut c_void, _: *const revenge_call, _: *mut revenge_error) -> revenge_status {
    OK
}

unsafe extern "C" fn destroy(context: *mut c_void) {
    let mut text = (*(context as *const Plain)).text.load(Ordering::Acquire);
    while !text.is_null() {
        let before = (*text).before;
        free(text as *mut c_void);
        text = before;
    }
    free(context);
}

unsafe extern "C" fn prepare(
    _: *mut c_void,
    _: *const revenge_call,
    next: *const revenge_config,
    error: *mut revenge_error,
) -> revenge_status {
    if configured(next) == b"refused" {
        return fail(error, INVALID, "text: not this one");
    }
    OK
}

unsafe extern "C" fn commit(context: *mut c_void, next: *const revenge_config) {
    // Without memory the text before stays: commit cannot fail.
    (*(context as *const Plain)).configure(configured(next));
}

unsafe extern "C" fn tick(context: *mut c_void, _: *const revenge_call) {
    (*(context as *const Plain)).ticks.fetch_add(1, Ordering::Relaxed);
}

unsafe extern "C" fn answer(
    context: *mut c_void,
    _: *const revenge_call,
    request: *const revenge_http_request,
    error: *mut revenge_error,
) -> revenge_status {
    let plain = &*(context as *const Plain);
    let mut ticks = Text {
        before: ptr::null_mut(),
        size: 0,
        bytes: [0; 64],
    };
    let text = if bytes((*request).pattern).ends_with(b"/ticks") {
        let _ = write!(ticks, "{}", plain.ticks.load(Ordering::Relaxed));
        &ticks
    } else {
        &*plain.text.load(Ordering::Acquire)
    };
    let response = revenge_http_response {
        size: size_of::<revenge_http_response>() as u32,
        status: 200,
        kind: 0,
        file: -1,
        headers: ptr::null(),
        header_count: 0,
        content_type: view("text/plain"),
        etag: NONE,
        body: revenge_buffer {
            data: text.bytes.as_ptr(),
            size: text.size,
            release: None,
            owner: ptr::null_mut(),
        },
        offset: 0,
        length: 0,
        modified_ns: 0,
        session: NONE,
    };
    ((*plain.http).respond)(plain.host, (*request).exchange, &response, error)
}

unsafe fn register(plain: *mut Plain, timers: *const revenge_timer, error: *mut revenge_error) -> revenge_status {
    let mut handle = 0;
    for pattern in ["/plain-rust/text", "/plain-rust/ticks"] {
        let route = revenge_http_route {
            size: size_of::<revenge_http_route>() as u32,
            method: HTTP_GET,
            pattern: view(pattern),
            execution: 0,
            body: 0,
            max_body_bytes: 0,
            timeout_ns: 0,
            absence: 0,
            rank: 0,
            absence_wait_ns: 0,
            context: plain as *mut c_void,
            handle: answer,
            flag: NONE,
        };
        let added = ((*(*plain).http).add_route)((*plain).host, &route, &mut handle, error);
        if added < 0 {
            return added;
        }
    }
    let job = revenge_job {
        size: size_of::<revenge_job>() as u32,
        reserved: 0,
        context: plain as *mut c_void,
        run: tick,
    };
    ((*timers).start)((*plain).host, 10_000_000, 10_000_000, &job, &mut handle, error)
}

unsafe extern "C" fn create(
    api: *const revenge_host_api,
    _: *const revenge_call,
    config: *const revenge_config,
    instance: *mut revenge_instance,
    error: *mut revenge_error,
) -> revenge_status {
    let host = (*api).host;
    let http = ((*api).query)(host, view("revenge.http/1")) as *const revenge_http;
    let timers = ((*api).query)(host, view("revenge.timer/1")) as *const revenge_timer;
    if http.is_null() || timers.is_null() {
        return fail(error, UNAVAILABLE, "this host lacks HTTP or timers");
    }
    let plain = calloc(1, size_of::<Plain>()) as *mut Plain;
    if plain.is_null() {
        return fail(error, LIMIT, "out of memory");
    }
    let empty = AtomicPtr::new(ptr::null_mut());
    ptr::write(
        plain,
        Plain {
            host,
            http,
            text: empty,
            ticks: AtomicU64::new(0),
        },
    );
    if !(*plain).configure(configured(config)) {
        free(plain as *mut c_void);
        return fail(error, LIMIT, "out of memory");
    }
    let status = register(plain, timers, error);
    if status < 0 {
        destroy(plain as *mut c_void);
        return status;
    }
    (*instance).self_ = plain as *mut c_void;
    (*instance).start = Some(nothing);
    (*instance).stop = Some(nothing);
    (*instance).destroy = Some(destroy);
    (*instance).prepare = Some(prepare);
    (*instance).commit = Some(commit);
    OK
}

struct Descriptor(revenge_plugin);
unsafe impl Sync for Descriptor {} // constant: its pointers lead to constants

static PLUGIN: Descriptor = Descriptor(revenge_plugin {
    size: size_of::<revenge_plugin>() as u32,
    abi_generation: GENERATION,
    id: view("plain-rust"),
    version: view("0.1.0"),
    sdk_version: view("0.1.0"),
    create,
});

#[no_mangle]
pub unsafe extern "C" fn revenge_plugin_entry(generation: u32, error: *mut revenge_error) -> *const revenge_plugin {
    if generation >= GENERATION {
        return &PLUGIN.0;
    }
    fail(error, REFUSED, "built for a newer generation of the plugin ABI");
    ptr::null()
}
