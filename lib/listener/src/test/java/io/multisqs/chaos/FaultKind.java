package io.multisqs.chaos;

/** What the proxy does to one exchange. */
enum FaultKind {
  /** The answer comes 20 to 400 ms late. */
  LATENCY,
  /** The connection is reset; the server never saw the request. */
  RESET_BEFORE,
  /** The connection is reset; the request took effect. */
  RESET_AFTER,
  /** Status 200 with no body; the request took effect, or did not. */
  EMPTY_ANSWER,
  /** Status 200 with half a body, or something that is no JSON; the request took effect. */
  GARBLED_ANSWER,
  /** Status 500; the request took effect, or did not. */
  HTTP_500,
  /** Status 503; the server never saw the request. */
  HTTP_503,
  /** Status 400, SQS's own throttling error; the server never saw the request. */
  THROTTLED,
  /** The answer comes when the client has given up; the request took effect. */
  LATE_ANSWER,
  /** No fault of the proxy's: the exchange took so long that the client may have given up. */
  SLOW_MACHINE
}
