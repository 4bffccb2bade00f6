"""Every metric of the platform; names without a service prefix, the label `service` tells which."""

from prometheus_client import Counter, Gauge, Histogram

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300, 1800, 7200, 108000)

HTTP_REQUESTS = Counter(
    "http_requests_total", "HTTP requests answered.", ("service", "route", "method", "code")
)
HTTP_SECONDS = Histogram(
    "http_request_seconds", "Time to answer an HTTP request.", ("service", "route"), buckets=_FAST
)
CALLS_ANSWERED = Counter(
    "calls_answered_total", "Calls answered by a service, by outcome.", ("service", "method", "outcome")
)
CALL_SECONDS = Histogram(
    "call_seconds", "Time from taking up a call to its answer.", ("service", "method"), buckets=_FAST
)
CALLS_EXPIRED = Counter(
    "calls_expired_total", "Calls dropped because their caller had given up.", ("service",)
)
CALLS_SENT = Counter(
    "calls_sent_total",
    "Calls sent, by road (broker or direct) and outcome.",
    ("service", "target", "road", "outcome"),
)
EVENTS_PUBLISHED = Counter("events_published_total", "Events confirmed by the broker.", ("service",))
EVENTS_CONSUMED = Counter(
    "events_consumed_total",
    "Deliveries by result: ok, duplicate, behind, retry, parked.",
    ("service", "handler", "result"),
)
EVENT_SECONDS = Histogram(
    "event_end_to_end_seconds",
    "From the event's occurrence to its effect.",
    ("service", "handler"),
    buckets=_SLOW,
)
OUTBOX_UNPUBLISHED = Gauge("outbox_unpublished", "Events that wait for the broker.", ("service",))
OUTBOX_OLDEST = Gauge(
    "outbox_oldest_unpublished_seconds", "Age of the oldest event that waits for the broker.", ("service",)
)
OUTBOX_FAILURES = Counter("outbox_publish_failures_total", "Failed batches by reason.", ("service", "reason"))
OUTBOX_CONFIRM = Histogram(
    "outbox_confirm_seconds", "Time the broker takes to confirm a batch.", ("service",), buckets=_FAST
)
RELAY_LEADER = Gauge("relay_is_leader", "1 in the process whose relay publishes.", ("service",))
INBOX_WAITING = Gauge("inbox_waiting", "Events that wait for another attempt.", ("service",))
DEAD_LETTERS = Gauge("dead_letters", "Parked events.", ("service",))
AUDIT_CHAINED = Counter("audit_chained_total", "Acts put into the audit's chain.", ("service",))
AUDIT_UNCHAINED = Gauge("audit_unchained", "Acts that wait for the audit's chain.", ("service",))
CLOCKS_OVERDUE = Gauge("clocks_overdue", "Working-day clocks past their last day.", ("service",))
CALENDAR_MISSING = Gauge(
    "calendar_notice_missing", "Years in use whose notice of holidays is unknown.", ("service",)
)
HUB_LAG = Gauge("event_loop_lag_seconds", "How late the event loop woke at its last check.", ("service",))
DATABASE_IN_USE = Gauge("database_connections_in_use", "Connections taken from the pool.", ("service",))
DELIVERIES_SENT = Counter(
    "deliveries_total", "Deliveries by channel and result.", ("service", "channel", "result")
)
DELIVERY_SECONDS = Histogram(
    "delivery_seconds",
    "From the notice to the hand-over to its channel.",
    ("service", "channel"),
    buckets=_SLOW,
)
JOBS_FINISHED = Counter("jobs_finished_total", "Jobs by kind and outcome.", ("kind", "outcome"))
JOB_SECONDS = Histogram("job_seconds", "Time from taking up a job to its end.", ("kind",), buckets=_SLOW)
