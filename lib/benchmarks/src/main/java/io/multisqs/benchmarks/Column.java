package io.multisqs.benchmarks;

import io.multisqs.benchmarks.harness.Layer;
import java.util.Arrays;
import java.util.List;

/**
 * A column of a table.
 *
 * @param title with its unit
 * @param figure by the name under which a consumer's JVM reports it
 * @param factor from the figure's unit to the column's
 * @param decimals shown
 */
record Column(String title, String figure, double factor, int decimals) {
  static final Column RATE = new Column("messages/s", "perSecond", 1, 0);
  static final Column CPU = new Column("CPU µs/message", "cpuMicrosEach", 1, 1);
  static final Column SERVER_CPU = new Column("server CPU µs/message", "serverCpuMicrosEach", 1, 1);
  static final Column RECEIVES = new Column("receives/message", "receivesEach", 1, 3);
  static final Column DELETES = new Column("deletes/message", "deletesEach", 1, 3);
  static final Column LEASES = new Column("extensions/message", "leasesEach", 1, 3);
  static final Column REQUESTS = new Column("requests/message", "requestsEach", 1, 3);
  static final Column ALLOCATED =
      new Column("allocated KiB/message", "allocatedEach", 1 / 1024.0, 1);
  static final Column HEAP = new Column("live heap MiB", "liveHeapBytes", 1 / 1024.0 / 1024, 1);
  static final Column HEAP_HALF_WAY =
      new Column("half way MiB", "halfWayHeapBytes", 1 / 1024.0 / 1024, 1);
  static final Column THREADS = new Column("threads", "threads", 1, 0);
  static final Column WAIT_P50 = new Column("sent to handled p50 ms", "waitMillisP50", 1, 2);
  static final Column WAIT_P99 = new Column("p99 ms", "waitMillisP99", 1, 2);
  static final Column REQUESTS_PER_MINUTE = new Column("requests/min", "requestsPerMinute", 1, 1);
  static final Column CPU_PER_SECOND = new Column("CPU ms/s", "cpuMillisPerSecond", 1, 1);
  static final Column LAST_STARTS =
      new Column("last of 200 starts after ms", "lastStartsMillis", 1, 0);
  static final Column HIGH_P50 = new Column("high waits p50 ms", "waitMillisP50", 1, 0);
  static final Column HIGH_P99 = new Column("p99 ms", "waitMillisP99", 1, 0);
  static final Column INVERSIONS = new Column("inversions a burst", "inversionsABurst", 1, 1);
  static final Column INVERSIONS_BEYOND =
      new Column("of those beyond a round trip + 10 ms", "inversionsABurstBeyond", 1, 1);
  static final Column FIRST = new Column("first message after ms", "firstMessageMillis", 1, 0);
  static final Column HANDLED = new Column("handled", "handled", 1, 0);

  /** Microseconds of CPU a message in each layer. */
  static List<Column> layers() {
    return Arrays.stream(Layer.values())
        .map(layer -> new Column(layer.title(), layer.figure(), 1, 1))
        .toList();
  }

  /** Share of the rate that so many handlers of such a length can reach. */
  static Column share(double ceiling) {
    return new Column("% of the ceiling", "perSecond", 100 / ceiling, 1);
  }

  /**
   * Share of the time of so many slots that is spent in handlers. Those that sleep for 20 ms take
   * longer if no CPU is free when they are over: what that costs is nobody's who fills the slots.
   */
  static Column atWork(int slots) {
    return new Column("% of the slots at work", "slotsAtWork", 100.0 / slots, 1);
  }
}
