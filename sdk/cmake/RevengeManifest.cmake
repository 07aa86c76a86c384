# cmake -DMANIFEST=in -DLIBRARY=x.so -DPACKAGED=out -P: the manifest with the library's sha256. Edited as text, so
# that order and layout stay the author's.
file(SHA256 ${LIBRARY} hash)
file(READ ${MANIFEST} manifest)
string(JSON present ERROR_VARIABLE absent GET "${manifest}" sha256)
if(absent)
  string(REGEX REPLACE "^([ \t\r\n]*){" "\\1{\n  \"sha256\": \"${hash}\"," manifest "${manifest}")
else()
  string(REGEX REPLACE "\"sha256\"[ \t\r\n]*:[ \t\r\n]*\"[^\"]*\"" "\"sha256\": \"${hash}\"" manifest "${manifest}")
endif()
file(WRITE ${PACKAGED} "${manifest}")
