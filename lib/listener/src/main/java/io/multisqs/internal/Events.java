package io.multisqs.internal;

import io.multisqs.FailureAction;
import io.multisqs.ListenerClock;
import io.multisqs.ListenerEvents;
import io.multisqs.ListenerState;
import io.multisqs.ReceivedMessage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The user's {@link ListenerEvents}, behind a wall: what they throw is logged once, and no more.
 */
final class Events {
  private static final Log log = Log.of("io.multisqs.ListenerEvents");

  /** As many as a listener has messages in hand; a callback that never returns fills no heap. */
  static final int MOST_ASIDE = 1_000;

  private final ListenerEvents events;
  private final boolean none;
  private final FailureLog failureLog = new FailureLog(ListenerClock.SYSTEM);
  private final Consumer<Runnable> startThread;
  private final Deque<Runnable> aside = new ArrayDeque<>(); // guarded by itself
  private boolean asideRuns; // guarded by aside
  private long untold; // guarded by aside

  /**
   * The callbacks.
   *
   * @param startThread where those run that come from a thread that must not wait for them
   */
  Events(ListenerEvents events, Consumer<Runnable> startThread) {
    this.events = events;
    this.none = events == ListenerEvents.NONE;
    this.startThread = startThread;
  }

  /** Whether users listen to events. */
  boolean hasListener() {
    return !none;
  }

  private void tell(Runnable callback) {
    if (none) {
      return;
    }
    try {
      callback.run();
    } catch (Throwable e) {
      if (failureLog.isNew(e)) {
        log.error("an event callback threw; the listener goes on; logged once for its kind", e);
      }
    }
  }

  /**
   * In order, one at a time, on a thread that ends when none is left: leases are kept meanwhile.
   */
  private void tellAside(Runnable callback) {
    if (none) {
      return;
    }
    boolean full;
    boolean isFirst;
    synchronized (aside) {
      full = aside.size() >= MOST_ASIDE;
      isFirst = full && untold++ == 0;
    }
    if (isFirst) {
      log.error(
          "{} events wait for a callback of leaseLost or timedOut that does not return; more are"
              + " counted and not told, until it does; logged once",
          MOST_ASIDE);
    }
    if (full) {
      return;
    }
    synchronized (aside) {
      aside.addLast(callback);
      if (asideRuns) {
        return;
      }
      asideRuns = true;
    }
    try {
      startThread.accept(new Loop("a thread for event callbacks", failureLog, this::tellNextAside));
    } catch (Throwable e) {
      synchronized (aside) {
        asideRuns = false;
      }
      log.error("a thread for event callbacks could not be started; the next event tries again", e);
    }
  }

  private boolean tellNextAside() {
    Runnable next;
    long missed = 0;
    synchronized (aside) {
      next = aside.pollFirst();
      asideRuns = next != null;
      if (next == null) {
        missed = untold;
        untold = 0;
      }
    }
    if (missed > 0) {
      log.error("{} lost leases and handlers past their limit were not told of", missed);
    }
    if (next != null) {
      tell(next);
    }
    return next != null;
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
    tellAside(() -> events.timedOut(message, limit));
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
    tellAside(() -> events.leaseLost(message, running));
  }

  void lowerWorkHeld(Duration slotTime) {
    tell(() -> events.lowerWorkHeld(slotTime));
  }

  void circuitBreaker(Lane lane, boolean open, @Nullable Throwable cause) {
    tell(() -> events.circuitBreaker(lane.name(), open, cause));
  }
}
