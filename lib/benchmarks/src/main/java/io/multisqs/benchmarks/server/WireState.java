package io.multisqs.benchmarks.server;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

/** What the server knows. Touched by the loop's thread only, but for the journal. */
final class WireState {
  final Map<String, WireQueue> queues = new LinkedHashMap<>();
  final MessageTable messages = new MessageTable();
  final Timers timers = new Timers();
  final Journal journal;

  private final Map<Action, LongAdder> requests = new EnumMap<>(Action.class);

  /** Receives answered with nothing; messages handed out and deleted. */
  long emptyReceives;

  long handedOut;
  long deleted;

  /** Answers are put together here, one at a time. */
  final Out head = new Out();

  final Out body = new Out();
  final Out scratch = new Out();

  private long latencyNanos;
  private long jitterNanos;

  WireState(boolean recording) {
    journal = new Journal(recording);
  }

  void latency(long roundTripNanos, long jitterNanos) {
    if (roundTripNanos < 0 || jitterNanos < 0 || jitterNanos > roundTripNanos) {
      throw new IllegalArgumentException(
          "latency must not be negative and jitter not exceed it, were "
              + roundTripNanos
              + " ns and "
              + jitterNanos
              + " ns");
    }
    this.latencyNanos = roundTripNanos;
    this.jitterNanos = jitterNanos;
  }

  /** How long one half of this round trip takes. */
  long halfTripNanos() {
    return jitterNanos == 0
        ? latencyNanos / 2
        : (latencyNanos + ThreadLocalRandom.current().nextLong(-jitterNanos, jitterNanos + 1)) / 2;
  }

  WireQueue queue(String name) {
    WireQueue queue = queues.get(name);
    if (queue == null) {
      throw WireException.queueDoesNotExist();
    }
    return queue;
  }

  WireQueue createQueue(String name, Map<String, String> attributes) {
    WireQueue queue = queues.computeIfAbsent(name, n -> new WireQueue(n, this));
    queue.attributes.putAll(attributes);
    if (name.endsWith(".fifo")) {
      queue.attributes.put("FifoQueue", "true");
    }
    return queue;
  }

  /** Counts a request that came in. */
  void count(Action action) {
    requests.computeIfAbsent(action, a -> new LongAdder()).increment();
  }

  long requests(Action action) {
    LongAdder count = requests.get(action);
    return count == null ? 0 : count.sum();
  }

  void clearCounts() {
    requests.clear();
    emptyReceives = 0;
    handedOut = 0;
    deleted = 0;
  }
}
