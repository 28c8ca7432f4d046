//! The records as rkyv types: the types that consumers of the archives use, word for word, with their
//! conversion from and to JSON. Field order and variant order are the format. They need rkyv 0.8,
//! 0.8.12 or later, with the features little_endian, unaligned and pointer_width_32.

use std::collections::HashMap;

use rkyv::{
    Archive, Archived, Deserialize, Place, Serialize,
    collections::swiss_table::{ArchivedHashMap, HashMapResolver},
    rancor::{Fallible, Source},
    ser::{Allocator, Writer},
    string::ArchivedString,
    with::{ArchiveWith, DeserializeWith, SerializeWith},
};

/// Field wrapper: archives a `HashMap<String, V>` as `ArchivedHashMap`, feeding
/// the table with the entries in ascending byte order of their keys, so that
/// equal maps always give equal bytes.
pub struct CanonicalMap;

const LOAD_FACTOR: (usize, usize) = (7, 8);

impl<V: Archive> ArchiveWith<HashMap<String, V>> for CanonicalMap {
    type Archived = ArchivedHashMap<ArchivedString, Archived<V>>;
    type Resolver = HashMapResolver;

    fn resolve_with(
        field: &HashMap<String, V>,
        resolver: Self::Resolver,
        out: Place<Self::Archived>,
    ) {
        ArchivedHashMap::resolve_from_len(field.len(), LOAD_FACTOR, resolver, out);
    }
}

impl<V, S> SerializeWith<HashMap<String, V>, S> for CanonicalMap
where
    V: Serialize<S>,
    S: Fallible + Writer + Allocator + ?Sized,
    S::Error: Source,
{
    fn serialize_with(
        field: &HashMap<String, V>,
        serializer: &mut S,
    ) -> Result<Self::Resolver, S::Error> {
        let mut entries: Vec<(&String, &V)> = field.iter().collect();
        entries.sort_unstable_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        ArchivedHashMap::<ArchivedString, V::Archived>::serialize_from_iter::<
            _,
            &String,
            &V,
            String,
            V,
            S,
        >(entries.iter().copied(), LOAD_FACTOR, serializer)
    }
}

impl<V, D> DeserializeWith<ArchivedHashMap<ArchivedString, Archived<V>>, HashMap<String, V>, D>
    for CanonicalMap
where
    V: Archive,
    V::Archived: Deserialize<V, D>,
    D: Fallible + ?Sized,
{
    fn deserialize_with(
        field: &ArchivedHashMap<ArchivedString, Archived<V>>,
        deserializer: &mut D,
    ) -> Result<HashMap<String, V>, D::Error> {
        let mut map = HashMap::with_capacity(field.len());
        for (k, v) in field.iter() {
            map.insert(k.as_str().to_owned(), v.deserialize(deserializer)?);
        }
        Ok(map)
    }
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[rkyv(serialize_bounds(
    __S: rkyv::ser::Writer + rkyv::ser::Allocator,
    __S::Error: rkyv::rancor::Source,
))]
#[rkyv(deserialize_bounds(__D::Error: rkyv::rancor::Source))]
#[rkyv(bytecheck(bounds(
    __C: rkyv::validation::ArchiveContext,
    __C::Error: rkyv::rancor::Source,
)))]
pub enum RkyvValue {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Array(#[rkyv(omit_bounds)] Vec<RkyvValue>),
    Object(#[rkyv(omit_bounds, with = CanonicalMap)] HashMap<String, RkyvValue>),
    Int(i64),
    UInt(u64),
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
pub struct RkyvMetadata {
    #[rkyv(with = CanonicalMap)]
    pub data: HashMap<String, RkyvValue>,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub struct NodeId(pub String);

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub struct EdgeId(pub String);

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingId(pub String);

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
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

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Chat {
    pub id: NodeId,
    pub title: String,
    pub topic: String,
    pub created_at: i64,
    pub updated_at: i64,
    pub message_ids: Vec<NodeId>,
    pub summary_ids: Vec<NodeId>,
    pub embedding_id: Option<EmbeddingId>,
    pub metadata: RkyvMetadata,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Message {
    pub id: NodeId,
    pub chat_id: NodeId,
    pub sender: String,
    pub timestamp: i64,
    pub text_content: String,
    pub attachment_ids: Vec<NodeId>,
    pub embedding_id: Option<EmbeddingId>,
    pub metadata: RkyvMetadata,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Summary {
    pub id: NodeId,
    pub chat_id: NodeId,
    pub created_at: i64,
    pub content: String,
    pub message_ids: Vec<NodeId>,
    pub embedding_id: Option<EmbeddingId>,
    pub metadata: RkyvMetadata,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Attachment {
    pub id: NodeId,
    pub message_id: NodeId,
    pub mime_type: String,
    pub created_at: i64,
    pub filename: String,
    pub size_bytes: u64,
    pub storage_path: String,
    pub extracted_text: Option<String>,
    pub detected_objects: Vec<String>,
    pub embedding_id: Option<EmbeddingId>,
    pub metadata: RkyvMetadata,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Entity {
    pub id: NodeId,
    pub label: String,
    pub entity_type: String,
    pub embedding_id: Option<EmbeddingId>,
    pub metadata: RkyvMetadata,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct WebSearch {
    pub id: NodeId,
    pub query: String,
    pub timestamp: i64,
    pub results_urls: Vec<String>,
    pub embedding_id: Option<EmbeddingId>,
    pub metadata: RkyvMetadata,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ScrapedPage {
    pub id: NodeId,
    pub url: String,
    pub scraped_at: i64,
    pub content_hash: String,
    pub title: Option<String>,
    pub text_content: String,
    pub embedding_id: Option<EmbeddingId>,
    pub storage_path: String,
    pub metadata: RkyvMetadata,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Bookmark {
    pub id: NodeId,
    pub url: String,
    pub title: String,
    pub description: Option<String>,
    pub created_at: i64,
    pub tags: Vec<String>,
    pub embedding_id: Option<EmbeddingId>,
    pub metadata: RkyvMetadata,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ImageMetadata {
    pub id: NodeId,
    pub file_path: String,
    pub detected_objects: Vec<String>,
    pub detected_faces: Vec<String>,
    pub ocr_text: Option<String>,
    pub embedding_id: Option<EmbeddingId>,
    pub metadata: RkyvMetadata,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct AudioTranscript {
    pub id: NodeId,
    pub file_path: String,
    pub transcribed_at: i64,
    pub transcript: String,
    pub speaker_diarization: Option<String>,
    pub embedding_id: Option<EmbeddingId>,
    pub metadata: RkyvMetadata,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ModelInfo {
    pub id: NodeId,
    pub name: String,
    pub path: String,
    pub size_bytes: u64,
    pub sha256: String,
    pub format: String,
    pub loaded_at: Option<i64>,
    pub metadata: RkyvMetadata,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ActionOutcome {
    pub id: NodeId,
    pub action_type: String,
    pub action_args: RkyvValue,
    pub result: RkyvValue,
    pub user_feedback: Option<UserFeedback>,
    pub timestamp: i64,
    pub conversation_context: String,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct UserFeedback {
    pub feedback_type: FeedbackType,
    pub user_comment: Option<String>,
    pub correction: Option<String>,
    pub timestamp: i64,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub enum FeedbackType {
    Correction,
    Approval,
    Rejection,
    Neutral,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Edge {
    pub id: EdgeId,
    pub from_node: NodeId,
    pub to_node: NodeId,
    pub edge_type: String,
    pub created_at: i64,
    pub metadata: RkyvMetadata,
}

#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Embedding {
    pub id: EmbeddingId,
    pub vector: Vec<f32>,
    pub model: String,
}

// ---- conversion with JSON (the text MIA kept in its metadata fields) --------

impl From<&serde_json::Value> for RkyvValue {
    fn from(v: &serde_json::Value) -> Self {
        use serde_json::Value as J;
        match v {
            J::Null => RkyvValue::Null,
            J::Bool(b) => RkyvValue::Bool(*b),
            J::Number(n) => match (n.as_i64(), n.as_u64(), n.as_f64()) {
                (Some(i), _, _) => RkyvValue::Int(i),
                (None, Some(u), _) => RkyvValue::UInt(u),
                (None, None, f) => RkyvValue::Number(f.expect("finite JSON number")),
            },
            J::String(s) => RkyvValue::String(s.clone()),
            J::Array(a) => RkyvValue::Array(a.iter().map(Into::into).collect()),
            J::Object(o) => {
                RkyvValue::Object(o.iter().map(|(k, v)| (k.clone(), v.into())).collect())
            }
        }
    }
}

impl From<&RkyvValue> for serde_json::Value {
    fn from(v: &RkyvValue) -> Self {
        use serde_json::Value as J;
        match v {
            RkyvValue::Null => J::Null,
            RkyvValue::Bool(b) => J::Bool(*b),
            RkyvValue::Number(f) => serde_json::Number::from_f64(*f).map_or(J::Null, J::Number),
            RkyvValue::String(s) => J::String(s.clone()),
            RkyvValue::Array(a) => J::Array(a.iter().map(Into::into).collect()),
            RkyvValue::Object(o) => {
                J::Object(o.iter().map(|(k, v)| (k.clone(), v.into())).collect())
            }
            RkyvValue::Int(i) => J::from(*i),
            RkyvValue::UInt(u) => J::from(*u),
        }
    }
}

/// Keys made of one or more U+0000 only are reserved at the root of a metadata
/// map: `{"\0": v}` alone stands for the non-object root `v`, and a real key of
/// n >= 1 NULs is stored with n + 1 NULs.
fn all_nul(k: &str) -> bool {
    !k.is_empty() && k.bytes().all(|b| b == 0)
}

impl From<&serde_json::Value> for RkyvMetadata {
    fn from(v: &serde_json::Value) -> Self {
        let data = match v {
            serde_json::Value::Object(o) => o
                .iter()
                .map(|(k, v)| {
                    let key = if all_nul(k) { format!("{k}\0") } else { k.clone() };
                    (key, v.into())
                })
                .collect(),
            other => HashMap::from([("\0".to_owned(), other.into())]),
        };
        RkyvMetadata { data }
    }
}

impl From<&RkyvMetadata> for serde_json::Value {
    fn from(m: &RkyvMetadata) -> Self {
        if m.data.len() == 1 {
            if let Some(root) = m.data.get("\0") {
                return root.into();
            }
        }
        serde_json::Value::Object(
            m.data
                .iter()
                .map(|(k, v)| {
                    let key = if all_nul(k) && k.len() > 1 { k[1..].to_owned() } else { k.clone() };
                    (key, v.into())
                })
                .collect(),
        )
    }
}
