package io.multisqs.benchmarks.harness;

import io.multisqs.benchmarks.harness.Recorder.Start;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** What the moments at which handlers started say about waiting and about order. */
final class Starts {
  private static final double MILLI = 1e6;

  private Starts() {}

  /**
   * Percentiles of the time from visible to handler start, in milliseconds, of messages that tell
   * when they were visible.
   */
  static void waits(Start[] starts, Figures figures) {
    long[] waits =
        Arrays.stream(starts)
            .filter(start -> start.visibleAt() > 0)
            .mapToLong(start -> start.startedAt() - start.visibleAt())
            .sorted()
            .toArray();
    if (waits.length > 0) {
      figures.put("waitMillisP50", percentile(waits, 0.5) / MILLI);
      figures.put("waitMillisP99", percentile(waits, 0.99) / MILLI);
      figures.put("waitMillisMax", waits[waits.length - 1] / MILLI);
    }
  }

  /**
   * Counts starts in lower lanes at a moment at which a message of the last lane had been visible
   * for longer than the grace and had not started.
   *
   * @param starts in order of time
   */
  static int inversions(Start[] starts, int urgentLane, long graceNanos) {
    // From the end: the earliest visible-at among urgent messages that start later.
    long earliest = Long.MAX_VALUE;
    int inversions = 0;
    for (int i = starts.length - 1; i >= 0; i--) {
      Start start = starts[i];
      if (start.lane() == urgentLane) {
        earliest = Math.min(earliest, start.visibleAt());
      } else if (earliest != Long.MAX_VALUE && start.startedAt() - earliest > graceNanos) {
        inversions++;
      }
    }
    return inversions;
  }

  /**
   * From a burst's visibility to the start of its last message, in milliseconds: the median of the
   * bursts, not a number if there was none.
   */
  static double lastStartsMillis(Start[] starts, int urgentLane) {
    Map<Long, Long> lastOfBurst = new HashMap<>();
    for (Start start : starts) {
      if (start.lane() == urgentLane) {
        lastOfBurst.merge(start.visibleAt(), start.startedAt() - start.visibleAt(), Math::max);
      }
    }
    long[] sorted = lastOfBurst.values().stream().mapToLong(Long::longValue).sorted().toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2.0 / MILLI;
  }

  /** A sum over bursts, for each of those that were sent, whether they were done in time or not. */
  static double each(int sum, int sent) {
    return (double) sum / Math.max(1, sent);
  }

  static long percentile(long[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }
}
