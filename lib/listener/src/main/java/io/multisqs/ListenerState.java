package io.multisqs;

/** Where a listener is in its life; it only ever moves on, in this order. */
public enum ListenerState {
  /** Built, not started. */
  NEW,
  /** Checking its queues. */
  STARTING,
  /** Receiving and handling. */
  RUNNING,
  /** Receiving nothing new; finishing, releasing and deleting what it has. */
  STOPPING,
  /** Ended as asked. */
  TERMINATED,
  /** Could not start, or ended by an error. */
  FAILED
}
