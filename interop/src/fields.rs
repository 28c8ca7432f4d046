//! The structs of the records, field by field, for the macros that do the same to each of them.

/// Calls `$apply!` once with the name and the fields of every struct that a node consists of, and
/// of the edge. The embedding is apart: its vector is like no other field.
macro_rules! for_each_struct {
    ($apply:ident) => {
        $apply! {
            Chat {
                id, title, topic, created_at, updated_at, message_ids, summary_ids, embedding_id,
                metadata
            }
            Message {
                id, chat_id, sender, timestamp, text_content, attachment_ids, embedding_id, metadata
            }
            Summary { id, chat_id, created_at, content, message_ids, embedding_id, metadata }
            Attachment {
                id, message_id, mime_type, created_at, filename, size_bytes, storage_path,
                extracted_text, detected_objects, embedding_id, metadata
            }
            Entity { id, label, entity_type, embedding_id, metadata }
            WebSearch { id, query, timestamp, results_urls, embedding_id, metadata }
            ScrapedPage {
                id, url, scraped_at, content_hash, title, text_content, embedding_id, storage_path,
                metadata
            }
            Bookmark { id, url, title, description, created_at, tags, embedding_id, metadata }
            ImageMetadata {
                id, file_path, detected_objects, detected_faces, ocr_text, embedding_id, metadata
            }
            AudioTranscript {
                id, file_path, transcribed_at, transcript, speaker_diarization, embedding_id,
                metadata
            }
            ModelInfo { id, name, path, size_bytes, sha256, format, loaded_at, metadata }
            ActionOutcome {
                id, action_type, action_args, result, user_feedback, timestamp,
                conversation_context
            }
            UserFeedback { feedback_type, user_comment, correction, timestamp }
            Edge { id, from_node, to_node, edge_type, created_at, metadata }
        }
    };
}

/// Calls `$apply!` once with the kinds of node, in the order of their tags.
macro_rules! for_each_kind {
    ($apply:ident) => {
        $apply! {
            Chat Message Summary Attachment Entity WebSearch ScrapedPage Bookmark ImageMetadata
            AudioTranscript ModelInfo ActionOutcome
        }
    };
}

pub(crate) use {for_each_kind, for_each_struct};
