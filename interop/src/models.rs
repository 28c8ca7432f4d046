//! MIA's records as its Rust code declared them: serde types whose bincode 2 `standard()` bytes are
//! the values of a MIA database. Field and variant order is the format. Origin: the models of MIA's
//! storage crate; the same records as rkyv types are those that consumers of archives use.

use bincode::config::standard;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// JSON fields are stored as one string: the compact text that serde_json prints.
mod json_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use serde_json::Value;

    pub fn serialize<S: Serializer>(value: &Value, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&value.to_string())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Value, D::Error> {
        serde_json::from_str(&String::deserialize(d)?).map_err(D::Error::custom)
    }
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub enum Node {
    Chat(Chat),
    Message(Message),
    Summary(Summary),
    Attachment(Attachment),
    Entity(Entity),
    WebSearch(WebSearch),
    ScrapedPage(ScrapedPage),
    Bookmark(Bookmark),
    ImageMetadata(ImageMetadata),
    AudioTranscript(AudioTranscript),
    ModelInfo(ModelInfo),
    ActionOutcome(ActionOutcome),
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Chat {
    pub id: String,
    pub title: String,
    pub topic: String,
    pub created_at: i64,
    pub updated_at: i64,
    pub message_ids: Vec<String>,
    pub summary_ids: Vec<String>,
    pub embedding_id: Option<String>,
    #[serde(with = "json_text")]
    pub metadata: Value,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Message {
    pub id: String,
    pub chat_id: String,
    pub sender: String,
    pub timestamp: i64,
    pub text_content: String,
    pub attachment_ids: Vec<String>,
    pub embedding_id: Option<String>,
    #[serde(with = "json_text")]
    pub metadata: Value,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Summary {
    pub id: String,
    pub chat_id: String,
    pub created_at: i64,
    pub content: String,
    pub message_ids: Vec<String>,
    pub embedding_id: Option<String>,
    #[serde(with = "json_text")]
    pub metadata: Value,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Attachment {
    pub id: String,
    pub message_id: String,
    pub mime_type: String,
    pub created_at: i64,
    pub filename: String,
    pub size_bytes: u64,
    pub storage_path: String,
    pub extracted_text: Option<String>,
    pub detected_objects: Vec<String>,
    pub embedding_id: Option<String>,
    #[serde(with = "json_text")]
    pub metadata: Value,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Entity {
    pub id: String,
    pub label: String,
    pub entity_type: String,
    pub embedding_id: Option<String>,
    #[serde(with = "json_text")]
    pub metadata: Value,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct WebSearch {
    pub id: String,
    pub query: String,
    pub timestamp: i64,
    pub results_urls: Vec<String>,
    pub embedding_id: Option<String>,
    #[serde(with = "json_text")]
    pub metadata: Value,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ScrapedPage {
    pub id: String,
    pub url: String,
    pub scraped_at: i64,
    pub content_hash: String,
    pub title: Option<String>,
    pub text_content: String,
    pub embedding_id: Option<String>,
    pub storage_path: String,
    #[serde(with = "json_text")]
    pub metadata: Value,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Bookmark {
    pub id: String,
    pub url: String,
    pub title: String,
    pub description: Option<String>,
    pub created_at: i64,
    pub tags: Vec<String>,
    pub embedding_id: Option<String>,
    #[serde(with = "json_text")]
    pub metadata: Value,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ImageMetadata {
    pub id: String,
    pub file_path: String,
    pub detected_objects: Vec<String>,
    pub detected_faces: Vec<String>,
    pub ocr_text: Option<String>,
    pub embedding_id: Option<String>,
    #[serde(with = "json_text")]
    pub metadata: Value,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct AudioTranscript {
    pub id: String,
    pub file_path: String,
    pub transcribed_at: i64,
    pub transcript: String,
    pub speaker_diarization: Option<String>,
    pub embedding_id: Option<String>,
    #[serde(with = "json_text")]
    pub metadata: Value,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ModelInfo {
    pub id: String,
    pub name: String,
    pub path: String,
    pub size_bytes: u64,
    pub sha256: String,
    pub format: String,
    pub loaded_at: Option<i64>,
    #[serde(with = "json_text")]
    pub metadata: Value,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ActionOutcome {
    pub id: String,
    pub action_type: String,
    #[serde(with = "json_text")]
    pub action_args: Value,
    #[serde(with = "json_text")]
    pub result: Value,
    pub user_feedback: Option<UserFeedback>,
    pub timestamp: i64,
    pub conversation_context: String,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct UserFeedback {
    pub feedback_type: FeedbackType,
    pub user_comment: Option<String>,
    pub correction: Option<String>,
    pub timestamp: i64,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub enum FeedbackType {
    Correction,
    Approval,
    Rejection,
    Neutral,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Edge {
    pub id: String,
    pub from_node: String,
    pub to_node: String,
    pub edge_type: String,
    pub created_at: i64,
    #[serde(with = "json_text")]
    pub metadata: Value,
}

/// MIA wrote embeddings with bincode's own derive, not through serde.
#[derive(bincode::Encode, bincode::Decode, Debug, Clone, PartialEq)]
pub struct Embedding {
    pub id: String,
    pub vector: Vec<f32>,
    pub model: String,
}

impl Node {
    pub fn id(&self) -> &str {
        match self {
            Node::Chat(n) => &n.id,
            Node::Message(n) => &n.id,
            Node::Summary(n) => &n.id,
            Node::Attachment(n) => &n.id,
            Node::Entity(n) => &n.id,
            Node::WebSearch(n) => &n.id,
            Node::ScrapedPage(n) => &n.id,
            Node::Bookmark(n) => &n.id,
            Node::ImageMetadata(n) => &n.id,
            Node::AudioTranscript(n) => &n.id,
            Node::ModelInfo(n) => &n.id,
            Node::ActionOutcome(n) => &n.id,
        }
    }

    /// The variant's number, which is its tag in both formats.
    pub fn kind(&self) -> u8 {
        match self {
            Node::Chat(_) => 0,
            Node::Message(_) => 1,
            Node::Summary(_) => 2,
            Node::Attachment(_) => 3,
            Node::Entity(_) => 4,
            Node::WebSearch(_) => 5,
            Node::ScrapedPage(_) => 6,
            Node::Bookmark(_) => 7,
            Node::ImageMetadata(_) => 8,
            Node::AudioTranscript(_) => 9,
            Node::ModelInfo(_) => 10,
            Node::ActionOutcome(_) => 11,
        }
    }

    /// What MIA's structural index holds of a node: (property, value).
    pub fn properties(&self) -> Vec<(&'static str, &str)> {
        match self {
            Node::Chat(n) => vec![("node_type", "Chat"), ("topic", &n.topic)],
            Node::Message(n) => {
                vec![("node_type", "Message"), ("chat_id", &n.chat_id), ("sender", &n.sender)]
            }
            Node::Summary(n) => vec![("node_type", "Summary"), ("chat_id", &n.chat_id)],
            Node::Attachment(n) => vec![
                ("node_type", "Attachment"),
                ("message_id", &n.message_id),
                ("mime_type", &n.mime_type),
            ],
            Node::Entity(n) => {
                vec![("node_type", "Entity"), ("entity_type", &n.entity_type), ("label", &n.label)]
            }
            Node::WebSearch(_) => vec![("node_type", "WebSearch")],
            Node::ScrapedPage(n) => vec![("node_type", "ScrapedPage"), ("url", &n.url)],
            Node::Bookmark(n) => vec![("node_type", "Bookmark"), ("url", &n.url)],
            Node::ImageMetadata(_) => vec![("node_type", "ImageMetadata")],
            Node::AudioTranscript(_) => vec![("node_type", "AudioTranscript")],
            Node::ModelInfo(n) => vec![("node_type", "ModelInfo"), ("model_name", &n.name)],
            Node::ActionOutcome(n) => vec![
                ("node_type", "ActionOutcome"),
                ("action_type", &n.action_type),
                ("conversation_context", &n.conversation_context),
            ],
        }
    }
}

type Decoded<T> = Result<(T, usize), bincode::error::DecodeError>;
type Encoded = Result<Vec<u8>, bincode::error::EncodeError>;

/// The value and how many bytes it took.
pub fn decode<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Decoded<T> {
    bincode::serde::decode_from_slice(bytes, standard())
}

pub fn encode<T: Serialize>(value: &T) -> Encoded {
    bincode::serde::encode_to_vec(value, standard())
}

pub fn decode_embedding(bytes: &[u8]) -> Decoded<Embedding> {
    bincode::decode_from_slice(bytes, standard())
}

pub fn encode_embedding(value: &Embedding) -> Encoded {
    bincode::encode_to_vec(value, standard())
}
