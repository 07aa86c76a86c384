// Answers of ffprobe 5.1 as it printed them, without the members that nobody reads. Constants.
#pragma once

#include <string_view>

namespace library::media {

inline constexpr std::string_view kFilm = R"({
    "streams": [
        {
            "index": 0, "codec_name": "h264", "profile": "Constrained Baseline", "codec_type": "video",
            "width": 64, "height": 48, "coded_width": 64, "coded_height": 48,
            "sample_aspect_ratio": "1:1", "display_aspect_ratio": "4:3", "pix_fmt": "yuv420p", "level": 10,
            "chroma_location": "left", "field_order": "progressive", "is_avc": "true",
            "r_frame_rate": "24000/1001", "avg_frame_rate": "24000/1001", "time_base": "1/1000",
            "start_pts": 23, "start_time": "0.023000", "bits_per_raw_sample": "8",
            "disposition": {"default": 1, "forced": 0, "hearing_impaired": 0, "attached_pic": 0},
            "tags": {"ENCODER": "Lavc59.37.100 libx264", "DURATION": "00:00:01.024000000", "BPS": "82000"}
        },
        {
            "index": 1, "codec_name": "aac", "profile": "LC", "codec_type": "audio", "sample_fmt": "fltp",
            "sample_rate": "44100", "channels": 1, "channel_layout": "mono", "bits_per_sample": 0,
            "r_frame_rate": "0/0", "avg_frame_rate": "0/0", "time_base": "1/1000", "start_time": "0.000000",
            "disposition": {"default": 0, "forced": 0, "hearing_impaired": 0, "attached_pic": 0},
            "tags": {"language": "eng", "DURATION": "00:00:01.023000000"}
        },
        {
            "index": 2, "codec_name": "subrip", "codec_type": "subtitle",
            "r_frame_rate": "0/0", "avg_frame_rate": "0/0", "time_base": "1/1000", "start_time": "0.023000",
            "disposition": {"default": 0, "forced": 1, "hearing_impaired": 1, "attached_pic": 0},
            "tags": {"language": "jpn", "title": "Signs", "DURATION": "00:00:00.923000000"}
        }
    ],
    "chapters": [
        {
            "id": 1, "time_base": "1/1000000000", "start": 0, "start_time": "0.000000",
            "end": 500000000, "end_time": "0.500000", "tags": {"title": "Opening"}
        },
        {
            "id": 2, "time_base": "1/1000000000", "start": 500000000, "start_time": "0.500000",
            "end": 1000000000, "end_time": "1.000000", "tags": {"title": "End"}
        }
    ],
    "format": {
        "filename": "file:a.mkv", "nb_streams": 3, "format_name": "matroska,webm",
        "format_long_name": "Matroska / WebM", "start_time": "0.000000", "duration": "1.024000",
        "size": "24610", "bit_rate": "192265", "probe_score": 100,
        "tags": {"title": "A Film", "ENCODER": "Lavf59.27.100"}
    }
})";

inline constexpr std::string_view kSong = R"({
    "streams": [
        {
            "index": 0, "codec_name": "mp3", "codec_type": "audio", "sample_fmt": "fltp", "sample_rate": "44100",
            "channels": 2, "channel_layout": "stereo", "bits_per_sample": 0, "r_frame_rate": "0/0",
            "duration": "1.044898", "bit_rate": "64000", "disposition": {"default": 0, "attached_pic": 0}
        },
        {
            "index": 1, "codec_name": "mjpeg", "profile": "Baseline", "codec_type": "video", "width": 32,
            "height": 32, "sample_aspect_ratio": "1:1", "pix_fmt": "yuvj420p", "level": -99,
            "r_frame_rate": "90000/1", "avg_frame_rate": "0/0", "duration": "9.000000",
            "bits_per_raw_sample": "8", "disposition": {"default": 0, "attached_pic": 1},
            "tags": {"comment": "Other"}
        }
    ],
    "chapters": [],
    "format": {
        "filename": "file:m.mp3", "format_name": "mp3", "duration": "N/A", "size": "8978", "bit_rate": "68737",
        "tags": {
            "title": "Song", "artist": "Some", "track": "3/12", "date": "1979-11-30",
            "MusicBrainz Album Id": "AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee", "encoder": "Lavf59.27.100"
        }
    }
})";

// Ogg has the tags of the song with its stream.
inline constexpr std::string_view kOpus = R"({
    "streams": [
        {
            "index": 0, "codec_name": "opus", "codec_type": "audio", "sample_rate": "48000", "channels": 1,
            "channel_layout": "mono", "start_time": "0.000000", "duration": "1.006500",
            "disposition": {"default": 0, "attached_pic": 0},
            "tags": {
                "encoder": "Lavc59.37.100 libopus", "title": "Song", "artist": "Some", "album_artist": "AA",
                "track": "3", "TRACKTOTAL": "12", "disc": "1", "date": "1979-11-30"
            }
        }
    ],
    "chapters": [],
    "format": {"filename": "file:m.opus", "format_name": "ogg", "duration": "1.006500", "bit_rate": "75604"}
})";

// What a telephone records, held upright.
inline constexpr std::string_view kPhone = R"({
    "streams": [
        {
            "index": 0, "codec_name": "hevc", "profile": "Main 10", "codec_type": "video",
            "codec_tag_string": "hvc1", "width": 3840, "height": 2160, "sample_aspect_ratio": "1:1",
            "pix_fmt": "yuv420p10le", "level": 153, "color_range": "tv", "color_space": "bt2020nc",
            "color_transfer": "arib-std-b67", "color_primaries": "bt2020", "r_frame_rate": "60/1",
            "avg_frame_rate": "8490/143", "duration": "2.383333", "bit_rate": "57432195",
            "disposition": {"default": 1, "attached_pic": 0},
            "tags": {"language": "und", "handler_name": "Core Media Video"},
            "side_data_list": [
                {
                    "side_data_type": "DOVI configuration record", "dv_version_major": 1, "dv_version_minor": 0,
                    "dv_profile": 8, "dv_level": 7, "rpu_present_flag": 1, "el_present_flag": 0,
                    "bl_present_flag": 1, "dv_bl_signal_compatibility_id": 4
                },
                {
                    "side_data_type": "Display Matrix",
                    "displaymatrix": "\n00000000: 0 65536 0\n00000001: -65536 0 0\n00000002: 0 0 1073741824\n",
                    "rotation": -90
                }
            ]
        },
        {
            "index": 1, "codec_type": "data", "codec_tag_string": "mebx", "r_frame_rate": "0/0",
            "disposition": {"default": 1, "attached_pic": 0}, "tags": {"language": "und"}
        }
    ],
    "format": {"filename": "file:p.mov", "format_name": "mov,mp4,m4a,3gp,3g2,mj2", "duration": "2.384000"}
})";

inline constexpr std::string_view kBroadcast = R"({
    "streams": [
        {
            "index": 0, "codec_name": "mpeg2video", "profile": "Main", "codec_type": "video", "width": 720,
            "height": 576, "sample_aspect_ratio": "64:45", "display_aspect_ratio": "16:9", "pix_fmt": "yuv420p",
            "level": 8, "field_order": "tt", "r_frame_rate": "25/1", "avg_frame_rate": "25/1",
            "side_data_list": [{"side_data_type": "CPB properties", "max_bitrate": 0, "vbv_delay": -1}],
            "disposition": {"default": 0, "attached_pic": 0}
        }
    ],
    "format": {"filename": "file:i.mpg", "format_name": "mpeg", "start_time": "0.540000", "duration": "0.200000"}
})";

inline constexpr std::string_view kNoMedia = R"({
    "error": {
        "code": -1094995529,
        "string": "Invalid data found when processing input"
    }
})";

}  // namespace library::media
