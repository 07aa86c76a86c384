import sys
import unittest

import planted

sys.path.insert(0, str(planted.CHECKS))
import abi_model  # noqa: E402

BASE = """
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef int32_t revenge_status;
typedef uint64_t revenge_handle;
enum { REVENGE_OK = 0, REVENGE_END };
typedef struct revenge_view { const char* data; size_t size; } revenge_view;
typedef struct revenge_host revenge_host;
typedef struct revenge_completion { uint32_t size; uint32_t reserved; } revenge_completion;
%s
#ifdef __cplusplus
}
#endif
"""
WELL_FORMED = """
typedef struct revenge_thing {
  uint32_t size; /* set by the filler */
  uint32_t reserved;
  const revenge_view* names;
  size_t name_count;
  char text[16];
  const revenge_thing* next;
  /* [io] no-wait; two-way; owns: *handle belongs
     to the caller. */
  revenge_status (*open)(const revenge_host* host, revenge_view name, revenge_handle* handle);
  void (*close)(void); /* [any-thread] no-wait; one-way; owns: the thing ends */
  // [worker] waits; two-way; owns: nothing
  revenge_status (*read)(const revenge_host* host, const revenge_completion* done);
} revenge_thing;
"""
NOTE = "/* [io] no-wait; two-way; owns: nothing */ "


class AbiVocabulary(planted.PlantedTest):
    check = "abi_vocabulary"

    def header(self, text):
        self.write("sdk/include/revenge/abi/base.h", BASE % text)

    def member(self, text):
        self.header("typedef struct revenge_thing { uint32_t size; uint32_t reserved; " + text + " } revenge_thing;")

    def refused(self, text, reason):
        self.member(text)
        self.assert_finds(reason)

    def test_accepts_the_vocabulary(self):
        self.header(WELL_FORMED)
        self.assert_passes()

    def test_wants_an_annotation_on_each_function(self):
        self.refused("revenge_status (*open)(const revenge_host* host);", "revenge_thing.open: the comment before it lacks")
        self.refused("/* opens */ revenge_status (*open)(const revenge_host* host);", "lacks")
        self.refused("/* [main] no-wait; two-way; owns: nothing */ revenge_status (*open)(void);", "lacks")

    def test_an_annotation_serves_one_function_only(self):
        self.refused(NOTE + "revenge_status (*a)(void); revenge_status (*b)(void);", "revenge_thing.b: the comment")
        self.refused(NOTE + "int32_t number; revenge_status (*b)(void);", "revenge_thing.b: the comment")

    def test_an_annotation_agrees_with_its_signature(self):
        self.refused("/* [io] no-wait; one-way; owns: nothing */ bool (*on)(void);", "says one-way, yet answers bool")
        self.refused("/* [io] waits; two-way; owns: nothing */ revenge_status (*read)(void);", "takes no completion")

    def test_a_struct_begins_with_its_size(self):
        for fields in ("", "uint64_t size;", "uint32_t reserved; uint32_t size;"):
            self.header("typedef struct revenge_thing { %s } revenge_thing;" % fields)
            self.assert_finds("the first field is 'uint32_t size'")

    def test_refuses_what_cannot_travel(self):
        self.refused("const revenge_view** names;", "no pointer to pointer")
        self.refused("const char* name;", "text crosses as revenge_view")
        self.refused("int number;", "'int' is not in the vocabulary")
        self.refused("long long number;", "")
        self.refused("unsigned number;", "'unsigned' is not in the vocabulary")
        self.refused("union { int32_t a; } u;", "'union' is not in the vocabulary")
        self.refused("uint32_t flag : 1;", "no bit fields")
        self.refused("revenge_host host;", "opaque: by pointer only")
        self.refused("const double* bounds;", "an array is followed by its count")
        self.refused("revenge_completion done;", "by value: it grows")
        self.refused(NOTE + "revenge_status (*log)(const revenge_host* host, ...);", "no varargs")
        self.refused(NOTE + "revenge_status (*log)(void (*run)(void));", "a function pointer travels in a sized struct")

    def test_the_model_holds_what_was_written(self):
        struct = abi_model.read(BASE % WELL_FORMED).structs[-1]
        opened = next(member for member in struct.members if member.name == "open")
        self.assertEqual([str(p.type) for p in opened.parameters], ["const revenge_host*", "revenge_view", "revenge_handle*"])
        self.assertEqual(opened.annotation, abi_model.Annotation("io", False, False, "*handle belongs to the caller."))


if __name__ == "__main__":
    unittest.main()
