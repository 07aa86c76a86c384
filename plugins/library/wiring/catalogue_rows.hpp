// How items, titles and files are selected, and what clients see of a row. The views borrow the result they are of. Thread
// safety: constant tables and pure functions.
#pragma once

#include "api/filter.hpp"
#include "api/item_view.hpp"
#include "api/metadata.hpp"
#include "wiring/list.hpp"

namespace library {

const ListShape& itemShape();
const ListShape& titleShape();
// Conditions of a list, over the aliases of its shape.
void narrowItems(ListQuery& query, const api::Filter& filter);
void narrowTitles(ListQuery& query, const api::Filter& filter);

api::ItemView itemOf(const revenge::SqlRow& row);
api::TitleView titleOf(const revenge::SqlRow& row);

// Of the item $1, in the order of versions and parts.
inline constexpr std::string_view kFilesOfItem =
    "SELECT id, name, kind, extra, label, resolution, version, part, bytes, modified_ns, missing_us, "
    "duration_ms, probe, "
    "probe_error, facts FROM library_file WHERE item = $1 ORDER BY version, part, name, id";
// The sidecars of the title $1, likewise.
inline constexpr std::string_view kFilesOfTitle =
    "SELECT id, name, kind, extra, label, resolution, version, part, bytes, modified_ns, missing_us, "
    "duration_ms, probe, "
    "probe_error, NULL FROM library_file WHERE title = $1 ORDER BY name, id";
api::FileView fileOf(const revenge::SqlRow& row);

// Of the subjects $1 and $2, in the order of precedence.
inline constexpr std::string_view kMetadataOf =
    "SELECT m.provider, m.part, m.facts, f.facts, m.entry FROM library_metadata m LEFT JOIN library_file f "
    "ON "
    "f.id = m.file WHERE m.subject = $1 OR m.subject = $2 ORDER BY m.provider, m.part, m.language, m.subject";
api::MetadataView metadataOf(const revenge::SqlRow& row);

}  // namespace library
