# Turns the files of a page into one C table (src/api/api.h, struct api_asset).
# Usage: cmake -DPAGE=dir -DOUT=file.c -P tools/embed.cmake
set(text "/* Made from src/api/page/ by tools/embed.cmake. */\n#include \"api/api.h\"\n\n")
set(rows "")
set(index 0)
foreach(pair "index.html|/|text/html; charset=utf-8" "page.css|/page.css|text/css; charset=utf-8"
             "page.js|/page.js|text/javascript; charset=utf-8" "icon.svg|/icon.svg|image/svg+xml")
    string(REPLACE "|" ";" parts "${pair}")
    list(GET parts 0 file)
    list(GET parts 1 path)
    string(REGEX REPLACE "^[^|]*[|][^|]*[|]" "" type "${pair}")
    file(READ ${PAGE}/${file} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND text "static const uint8_t asset_${index}[] = {${bytes}};\n")
    string(APPEND rows "    {\"${path}\", \"${type}\", asset_${index}, sizeof(asset_${index})},\n")
    math(EXPR index "${index} + 1")
endforeach()
string(APPEND text "\nconst struct api_asset api_assets[] = {\n${rows}    {0},\n};\n")
file(WRITE ${OUT} "${text}")
