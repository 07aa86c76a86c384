"""What a plugin.json can get wrong; nothing of the library is looked at."""

from members import Member


def manifest(name, does, change, *words, **more):
    return Member(name, does, "refused", words, package="zoo/good", change=(("manifest-set", {"id": name}), change), row="manifest.valid", **more)


MEMBERS = [
    manifest("manifest-empty", "plugin.json has no bytes", ("manifest-is", b""), "plugin.json"),
    manifest("manifest-text", "plugin.json is no JSON", ("manifest-is", b"dear host, please load me"), "plugin.json:1: syntax error"),
    manifest("manifest-cut", "plugin.json ends in the middle", ("manifest-cut", 40), "plugin.json"),
    manifest("manifest-deep", "plugin.json is nested a thousand levels deep", ("manifest-is", b'{"a":' * 1000 + b"1" + b"}" * 1000),
             "plugin.json:1:", "40 levels"),
    manifest("manifest-huge", "plugin.json has 500 MB", ("manifest-sparse", 500 << 20), "larger than 262144 bytes"),
    manifest("manifest-not-utf8", "plugin.json holds bytes that are no UTF-8",
             ("manifest-replace", b"Part of the zoo", b"Part \xff\xfe the zoo"), "plugin.json:1:", "UTF-8"),
    manifest("manifest-nul", "the id in plugin.json holds a NUL", ("manifest-set", {"id": "manifest-nul\0x"}), "id"),
    manifest("manifest-twice", "a key stands twice in plugin.json", ("manifest-replace", b'{"id"', b'{"id": "a", "id"'), "duplicate key"),
    manifest("manifest-unknown-key", "plugin.json holds a key that nobody knows", ("manifest-set", {"favourite_colour": "blue"}),
             "favourite_colour"),
    manifest("manifest-other-types", "a number where plugin.json must have a text", ("manifest-set", {"version": 1}), "version",
             "expected a string"),
    manifest("manifest-without-licence", "a required key of plugin.json is missing", ("manifest-set", {"licence": None}), "licence"),
    manifest("id-of-path", "its id is a path out of the folder", ("manifest-set", {"id": "../../etc/passwd"}), "../../etc/passwd"),
    manifest("id-of-another", "its id is not the name of its folder", ("manifest-set", {"id": "stream"}), "stream"),
    manifest("version-odd", "its version is no semantic one", ("manifest-set", {"version": "1.0.0.0-final"}), "1.0.0.0-final"),
    manifest("schema-odd", "the schema of its configuration is none", ("manifest-set", {"config": {"type": "strang"}}), "config:1: schema /type"),
    manifest("defaults-odd", "a default breaks its own schema",
             ("manifest-set", {"config": {"type": "object", "additionalProperties": False, "properties": {
                 "size": {"type": "integer", "maximum": 10, "default": 11, "description": "Too large."}}}}), "size", "11"),
    manifest("interfaces-odd", "it requires what is no name of an interface",
             ("manifest-set", {"requires": [{"interface": "everything"}]}), "requires[0].interface"),
    manifest("library-above", "its library lies above its folder", ("manifest-set", {"library": "../good.so"}), "../good.so"),
    manifest("library-absolute", "its library has an absolute path", ("manifest-set", {"library": "/lib/x.so"}), "/lib/x.so"),
    manifest("library-nul", "the name of its library holds a NUL", ("manifest-set", {"library": "good.so\0.so"}), "library"),
    Member("configuration-wrong", "the operator's value breaks the schema of its configuration", "refused", ("plugins.good.size", "11"),
           package="zoo/good", plugin="good", options=("plugins.good.size=11",), no_row="a matter of the operator's values",
           change=(("manifest-set", {"config": {"type": "object", "additionalProperties": False, "properties": {
               "size": {"type": "integer", "maximum": 10, "default": 1, "description": "Small."}}}}),)),
    manifest("abi-later", "plugin.json asks for a later generation of the ABI", ("manifest-set", {"abi": 999}), "999"),
]
