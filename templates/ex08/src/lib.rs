//! EX08 : un service gRPC complet.
//!
//! Remplacez chaque `todo!()` et choisissez la structure interne des types. Les noms et les types de cette interface ne changent
//! pas ; les exigences R1 à R19 sont dans l'énoncé. Vous pouvez répartir le code dans plusieurs modules, à condition de tout
//! réexporter ici. Le service de tâches lui-même (`proto::task_service_server::TaskService`) est à écrire aussi.

use std::marker::PhantomData;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio_stream::Stream;
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};

/// Le code généré à partir de `proto/task_service.proto`.
#[allow(missing_docs, unused_qualifications, reason = "generated code")]
pub mod proto {
    tonic::include_proto!("taskservice");

    /// Ce que dit la réflexion.
    pub const DESCRIPTORS: &[u8] = tonic::include_file_descriptor_set!("task_service");
}

/// Un flux de réponses.
pub type ResponseStream<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Configuration du serveur.
#[derive(Debug, Clone)]
pub struct GrpcServerConfig {
    /// Adresse d'écoute ; avec le port 0, la machine choisit.
    pub listen_addr: String,
    /// Servir la réflexion.
    pub enable_reflection: bool,
    /// Servir la santé.
    pub enable_health_check: bool,
    /// Taille maximale d'un message, en octets.
    pub max_message_size: usize,
    /// Temps maximal jusqu'au début d'une réponse, en millisecondes.
    pub request_timeout_ms: u64,
    /// Nombre maximal de connexions ouvertes.
    pub max_concurrent_connections: usize,
}

impl Default for GrpcServerConfig {
    fn default() -> Self {
        todo!()
    }
}

/// Configuration du client.
#[derive(Debug, Clone)]
pub struct GrpcClientConfig {
    /// Les serveurs, sous la forme `http://hôte:port`.
    pub endpoints: Vec<String>,
    /// Stratégie de répartition.
    pub load_balancing: LoadBalancingStrategy,
    /// Nombre de connexions par serveur.
    pub connection_pool_size: usize,
    /// Temps maximal d'une connexion, en millisecondes.
    pub connect_timeout_ms: u64,
    /// Temps maximal d'une tentative, en millisecondes.
    pub request_timeout_ms: u64,
    /// Politique de reprise.
    pub retry_policy: RetryPolicy,
}

/// Comment les appels sont répartis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadBalancingStrategy {
    /// Chacun son tour.
    RoundRobin,
    /// Au hasard.
    Random,
    /// Le serveur qui a le moins de connexions en usage.
    LeastConnections,
    /// Chacun son tour, autant de fois que son poids.
    WeightedRoundRobin(Vec<u32>),
}

/// Politique de reprise.
#[derive(Debug, Clone)]
pub struct RetryPolicy {
    /// Nombre maximal de reprises.
    pub max_retries: u32,
    /// Première attente.
    pub initial_backoff_ms: u64,
    /// Attente maximale.
    pub max_backoff_ms: u64,
    /// Facteur entre deux attentes.
    pub backoff_multiplier: f64,
    /// Codes après lesquels on reprend.
    pub retryable_codes: Vec<Code>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        todo!()
    }
}

/// Ce qui se tient entre le réseau et le service.
pub trait Interceptor: Send + Sync {
    /// Voit une requête, peut changer ses métadonnées ou la refuser.
    fn intercept_request(&self, request: &mut Request<()>) -> Result<(), Status>;

    /// Voit une réponse entière.
    fn intercept_response<T>(&self, response: &mut Response<T>) -> Result<(), Status>
    where
        Self: Sized;

    /// Son nom dans les journaux.
    fn name(&self) -> &str;

    /// Ajout : voit les métadonnées d'une réponse réussie.
    fn intercept_metadata(&self, _metadata: &mut MetadataMap) -> Result<(), Status> {
        Ok(())
    }

    /// Ajout : apprend la fin d'un appel dont la requête est passée.
    fn completed(&self, _method: &str, _status: Code, _duration: Duration) {}
}

/// Écrit les appels dans un journal.
#[derive(Default)]
pub struct LoggingInterceptor {}

impl LoggingInterceptor {
    /// Un interceptor neuf.
    pub fn new() -> Self {
        todo!()
    }
}

/// Juge les jetons.
pub trait TokenValidator: Send + Sync {
    /// Ce que dit un jeton, ou pourquoi il est refusé.
    fn validate(&self, token: &str) -> Result<Claims, AuthError>;
}

/// Ce que dit un jeton.
#[derive(Debug, Clone)]
pub struct Claims {
    /// Qui.
    pub subject: String,
    /// Avec quels rôles.
    pub roles: Vec<String>,
    /// Jusqu'à quand.
    pub expires_at: i64,
}

/// Pourquoi un jeton est refusé.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Il n'y en a pas.
    #[error("Token missing")]
    MissingToken,
    /// Il n'est pas bon.
    #[error("Invalid token: {0}")]
    InvalidToken(String),
    /// Il ne l'est plus.
    #[error("Token expired")]
    TokenExpired,
    /// Il ne suffit pas.
    #[error("Insufficient permissions")]
    InsufficientPermissions,
}

/// Ne laisse passer que les requêtes avec un bon jeton.
pub struct AuthInterceptor {}

impl AuthInterceptor {
    /// Un interceptor qui interroge ce validateur.
    pub fn new(_validator: Arc<dyn TokenValidator>) -> Self {
        todo!()
    }
}

/// Reçoit les mesures.
pub trait MetricsCollector: Send + Sync {
    /// Un appel est fini.
    fn record_request(&self, method: &str, status: Code, duration_ms: u64);
    /// Un appel commence.
    fn increment_active_requests(&self);
    /// Il n'est plus actif.
    fn decrement_active_requests(&self);
}

/// Mesure les appels.
pub struct MetricsInterceptor {}

impl MetricsInterceptor {
    /// Un interceptor qui parle à ce collecteur.
    pub fn new(_metrics: Arc<dyn MetricsCollector>) -> Self {
        todo!()
    }
}

macro_rules! interceptors {
    ($($name:ty),*) => { $(
        impl Interceptor for $name {
            fn intercept_request(&self, _request: &mut Request<()>) -> Result<(), Status> {
                todo!()
            }

            fn intercept_response<T>(&self, _response: &mut Response<T>) -> Result<(), Status> {
                todo!()
            }

            fn name(&self) -> &str {
                todo!()
            }
        }
    )* };
}

// À remplacer par trois `impl`.
interceptors!(LoggingInterceptor, AuthInterceptor, MetricsInterceptor);

/// Assemble un serveur.
pub struct GrpcServerBuilder {}

impl GrpcServerBuilder {
    /// Un serveur selon cette configuration.
    pub fn new(_config: GrpcServerConfig) -> Self {
        todo!()
    }

    /// Ajoute un interceptor après les autres.
    pub fn with_interceptor(self, _interceptor: impl Interceptor + 'static) -> Self {
        todo!()
    }

    /// Sert la réflexion.
    pub fn with_reflection(self) -> Self {
        todo!()
    }

    /// Sert la santé.
    pub fn with_health_check(self) -> Self {
        todo!()
    }

    /// Réserve l'adresse et construit le serveur.
    pub async fn build(self) -> Result<GrpcServer, ServerError> {
        todo!()
    }
}

/// Un serveur qui a son adresse.
pub struct GrpcServer {}

impl GrpcServer {
    /// Ajout : l'adresse réservée par `build`.
    pub fn local_addr(&self) -> SocketAddr {
        todo!()
    }

    /// Sert sans fin.
    pub async fn serve(self) -> Result<(), ServerError> {
        todo!()
    }

    /// Sert jusqu'à `shutdown`, puis finit les appels en cours.
    pub async fn serve_with_shutdown<F>(self, _shutdown: F) -> Result<(), ServerError>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        todo!()
    }
}

/// Client du service `T`, sur plusieurs serveurs.
pub struct GrpcClient<T> {
    _phantom: PhantomData<T>,
}

impl<T> GrpcClient<T> {
    /// Un client de ces serveurs.
    pub async fn connect(_config: GrpcClientConfig) -> Result<Self, ClientError> {
        todo!()
    }

    /// Ajout : une connexion vers le serveur que la stratégie choisit.
    pub fn acquire(&self) -> Connection {
        todo!()
    }

    /// Appelle, et reprend selon la politique.
    pub async fn call_with_retry<Req, Res, F, Fut>(&self, _request: Req, _call: F) -> Result<Res, ClientError>
    where
        F: Fn(Req) -> Fut + Clone,
        Fut: Future<Output = Result<Response<Res>, Status>>,
        Req: Clone,
    {
        todo!()
    }
}

/// Ajout : une connexion, en usage jusqu'à sa destruction.
pub struct Connection {}

impl Connection {
    /// Ce dont un client généré est fait.
    pub fn channel(&self) -> Channel {
        todo!()
    }

    /// Le serveur, tel que dans la configuration.
    pub fn endpoint(&self) -> &str {
        todo!()
    }
}

/// La santé d'un service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthStatus {
    /// Personne ne l'a dite.
    Unknown,
    /// Bonne.
    Serving,
    /// Mauvaise.
    NotServing,
}

/// La santé des services.
#[derive(Default)]
pub struct HealthCheckService {}

impl HealthCheckService {
    /// Ne connaît encore aucun service.
    pub fn new() -> Self {
        todo!()
    }

    /// Pose le statut d'un service.
    pub async fn set_status(&self, _service: &str, _status: HealthStatus) {
        todo!()
    }

    /// Le statut d'un service.
    pub async fn get_status(&self, _service: &str) -> HealthStatus {
        todo!()
    }

    /// Les changements de statut d'un service.
    pub fn watch(&self, _service: &str) -> broadcast::Receiver<HealthStatus> {
        todo!()
    }
}

/// Pourquoi il n'y a pas de serveur.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// L'adresse ne peut être prise.
    #[error("Failed to bind: {0}")]
    BindError(String),
    /// Le transport a échoué.
    #[error("Transport error: {0}")]
    TransportError(String),
    /// La configuration n'a pas de sens.
    #[error("Configuration error: {0}")]
    ConfigError(String),
}

/// Pourquoi un appel n'a pas de réponse.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Pas de connexion.
    #[error("Connection failed: {0}")]
    ConnectionFailed(String),
    /// Toutes les tentatives ont échoué.
    #[error("All retries exhausted")]
    RetriesExhausted,
    /// Une tentative a trop duré.
    #[error("Request timeout")]
    Timeout,
    /// Le serveur a refusé.
    #[error("gRPC error: {0}")]
    GrpcError(#[from] Status),
}
