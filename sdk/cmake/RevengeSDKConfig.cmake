# find_package(RevengeSDK): the target Revenge::sdk (headers) and revenge_add_plugin().
include(${CMAKE_CURRENT_LIST_DIR}/RevengeSDKTargets.cmake)
set(REVENGE_SDK_INSTALLED ON)
include(${CMAKE_CURRENT_LIST_DIR}/RevengePlugin.cmake)
