package io.multisqs.internal;

import io.multisqs.FailureAction;
import io.multisqs.ListenerEvents;
import io.multisqs.ListenerState;
import io.multisqs.ReceivedMessage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The user's {@link ListenerEvents}, behind a wall: what they throw is logged once, and no more.
 */
final class Events {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.ListenerEvents");

  private final ListenerEvents events;
  private final boolean none;
  private final FailureLog failureLog = new FailureLog();

  Events(ListenerEvents events) {
    this.events = events;
    this.none = events == ListenerEvents.NONE;
  }

  private void tell(Runnable callback) {
    if (none) {
      return;
    }
    try {
      callback.run();
    } catch (RuntimeException | Error e) {
      if (failureLog.isNew(e)) {
        log.error("an event callback threw; the listener goes on; logged once for its kind", e);
      }
    }
  }

  void stateChanged(ListenerState from, ListenerState to) {
    tell(() -> events.stateChanged(from, to));
  }

  void received(Lane lane, int messages, long nanos) {
    tell(() -> events.received(lane.name(), messages, Duration.ofNanos(nanos)));
  }

  void receiveFailed(Lane lane, Throwable failure, Duration retryIn) {
    tell(() -> events.receiveFailed(lane.name(), failure, retryIn));
  }

  void started(ReceivedMessage message, long waited) {
    tell(() -> events.started(message, Duration.ofNanos(waited)));
  }

  void handled(ReceivedMessage message, long nanos) {
    tell(() -> events.handled(message, Duration.ofNanos(nanos)));
  }

  void failed(ReceivedMessage message, Throwable failure, FailureAction action, long nanos) {
    tell(() -> events.failed(message, failure, action, Duration.ofNanos(nanos)));
  }

  void timedOut(ReceivedMessage message, Duration limit) {
    tell(() -> events.timedOut(message, limit));
  }

  void deleted(ReceivedMessage message) {
    tell(() -> events.deleted(message));
  }

  void deleteFailed(ReceivedMessage message, String reason) {
    tell(() -> events.deleteFailed(message, reason));
  }

  void released(ReceivedMessage message, String reason) {
    tell(() -> events.released(message, reason));
  }

  void leaseLost(ReceivedMessage message, boolean running) {
    tell(() -> events.leaseLost(message, running));
  }

  void circuitBreaker(Lane lane, boolean open, @Nullable Throwable cause) {
    tell(() -> events.circuitBreaker(lane.name(), open, cause));
  }
}
