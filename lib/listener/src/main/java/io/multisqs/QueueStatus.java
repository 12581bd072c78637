package io.multisqs;

/** In one word, why a queue is or is not being served. */
public enum QueueStatus {
  /** Its last receive brought messages, or it has messages here. */
  BUSY,
  /** Asked, and empty: a receive is under way, or the next of a short-polled queue has its time. */
  IDLE,
  /**
   * It may be received from, and no receive is under way: for a moment between two receives. For
   * longer only where the JVM has no thread for its poller; it is tried again every 30 s.
   */
  DUE,
  /** Not received from, since higher work fills the slots and waits. */
  GATED,
  /** Not received from, since it has all the messages here that it may have. */
  NO_CREDIT,
  /** Paused, it or its bus. */
  PAUSED,
  /** Waiting after a receive that failed, or after long polls that came back empty at once. */
  BACKING_OFF,
  /** Its circuit breaker is open. */
  BREAKER_OPEN,
  /** It does not exist yet, and is waited for. */
  AWAITED,
  /** The listener is not running. */
  STOPPED
}
