package io.multisqs.benchmarks.peers;

import io.multisqs.benchmarks.server.WireSqs;
import io.multisqs.benchmarks.server.WireSqsOptions;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Tries whether a consumer does its work at all, before anybody measures it: it has to handle every
 * message of two queues once, and to delete it.
 *
 * <p>A command, {@code bench --try}, with the consumers' names, or none for all of them. It ends
 * with status 1 where one fails. The build tries this project's own consumers alone: it must not
 * fail by a fault of somebody else's library.
 */
public final class Trial {
  private static final int EACH = 40;
  private static final int VIRTUAL_THREADS_SINCE = 21;

  private Trial() {}

  /**
   * What became of the messages of the queues {@code low} and {@code high}.
   *
   * @param handledLow handler calls
   * @param handledHigh handler calls
   * @param left messages that were not deleted when the time was over
   */
  record Outcome(int handledLow, int handledHigh, int left) {
    boolean isEachOnce() {
      return handledLow == EACH && handledHigh == EACH && left == 0;
    }
  }

  /** See the class. */
  public static void main(String... args) throws InterruptedException {
    useAnyCredentials();
    Collection<String> names = args.length > 0 ? List.of(args) : Peers.names();
    boolean virtualThreads = Runtime.version().feature() >= VIRTUAL_THREADS_SINCE;
    int failed = 0;
    for (String name : names) {
      if (name.endsWith("-virtual") && !virtualThreads) {
        System.out.printf("%-22s needs JDK %d or later%n", name, VIRTUAL_THREADS_SINCE);
        continue;
      }
      Outcome outcome = of(name, Duration.ofSeconds(50));
      failed += outcome.isEachOnce() ? 0 : 1;
      System.out.printf(
          "%-22s %s%n", name, outcome.isEachOnce() ? "each once" : "FAILED: " + outcome);
    }
    System.exit(failed == 0 ? 0 : 1);
  }

  static void useAnyCredentials() {
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
  }

  /** Lets the consumer of that name work until nothing is left, or the time is over. */
  static Outcome of(String name, Duration limit) throws InterruptedException {
    AtomicIntegerArray handled = new AtomicIntegerArray(2);
    try (WireSqs server = WireSqs.start(WireSqsOptions.defaults().withRecording(false))) {
      server.createQueue("low", Duration.ofMinutes(10));
      server.createQueue("high", Duration.ofMinutes(10));
      server.preload("low", EACH, 256);
      server.preload("high", EACH, 256);
      Setup setup =
          new Setup(
              server.endpoint(),
              List.of("low", "high"),
              4,
              (lane, body) -> handled.addAndGet(lane, body.length() == 256 ? 1 : EACH));
      Consumer consumer = Peers.start(name, setup);
      int left;
      try {
        long end = System.nanoTime() + limit.toNanos();
        for (left = left(server); left > 0 && System.nanoTime() - end < 0; left = left(server)) {
          Thread.sleep(20);
        }
      } finally {
        consumer.close();
      }
      return new Outcome(handled.get(0), handled.get(1), left);
    }
  }

  private static int left(WireSqs server) {
    return server.visible("low")
        + server.invisible("low")
        + server.visible("high")
        + server.invisible("high");
  }
}
