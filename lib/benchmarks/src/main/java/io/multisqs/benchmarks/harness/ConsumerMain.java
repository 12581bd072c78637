package io.multisqs.benchmarks.harness;

import io.multisqs.benchmarks.peers.Consumer;
import io.multisqs.benchmarks.peers.Peers;
import io.multisqs.benchmarks.peers.Setup;
import io.multisqs.benchmarks.server.StandardInput;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs one consumer in a JVM of its own. Prints, for each phase, its name, a blank, and its figures
 * as JSON; with {@code --start-nanos}, how long it took from then to the first message's handler.
 * Ends then, or when its standard input does, as who asked for it is gone.
 *
 * <pre>
 * --consumer NAME --endpoint URL --admin URL --queues a,b --concurrency 10
 * --phase name:feed=endless,...
 * </pre>
 */
public final class ConsumerMain {
  private ConsumerMain() {}

  /** See the class. */
  public static void main(String[] args) throws Exception {
    String consumer = "";
    URI endpoint = URI.create("http://127.0.0.1");
    URI admin = endpoint;
    List<String> queues = List.of();
    List<Phase> phases = new ArrayList<>();
    int concurrency = 10;
    long startNanos = 0;
    boolean profiled = false;
    for (int i = 0; i < args.length; i += 2) {
      String value = args[i + 1];
      switch (args[i]) {
        case "--consumer" -> consumer = value;
        case "--endpoint" -> endpoint = URI.create(value);
        case "--admin" -> admin = URI.create(value);
        case "--queues" -> queues = List.of(value.split(",", -1));
        case "--concurrency" -> concurrency = Integer.parseInt(value);
        case "--phase" -> phases.add(Phase.parse(value));
        case "--profile" -> profiled = Boolean.parseBoolean(value);
        case "--start-nanos" -> startNanos = Long.parseLong(value);
        default -> throw new IllegalArgumentException("unknown argument: " + args[i]);
      }
    }
    endWithInput();
    endWithError();
    if (startNanos != 0) {
      firstMessage(consumer, endpoint, queues, concurrency, startNanos);
    } else {
      phases(consumer, endpoint, admin, queues, concurrency, phases, profiled);
    }
    System.out.flush();
    Runtime.getRuntime().halt(0); // no measure waits for the ways in which consumers end
  }

  /** Else the consumer's threads would go on. */
  private static void endWithError() {
    Thread.currentThread()
        .setUncaughtExceptionHandler(
            (thread, error) -> {
              error.printStackTrace();
              Runtime.getRuntime().halt(1);
            });
  }

  private static void endWithInput() {
    Thread thread =
        new Thread(
            () -> {
              StandardInput.awaitEnd();
              Runtime.getRuntime().halt(1);
            },
            "end-with-input");
    thread.setDaemon(true);
    thread.start();
  }

  private static void phases(
      String name,
      URI endpoint,
      URI admin,
      List<String> queues,
      int concurrency,
      List<Phase> phases,
      boolean profiled)
      throws Exception {
    Recorder recorder = new Recorder(queues.size());
    Harness harness = new Harness(new ServerAdmin(admin), queues, recorder, profiled);
    Consumer consumer = Peers.start(name, new Setup(endpoint, queues, concurrency, recorder));
    for (Phase phase : phases) {
      System.out.println(phase.name() + " " + harness.run(phase));
    }
    if (consumer == null) {
      throw new IllegalStateException("the consumer is held to the end");
    }
  }

  private static void firstMessage(
      String name, URI endpoint, List<String> queues, int concurrency, long startNanos)
      throws InterruptedException {
    CountDownLatch first = new CountDownLatch(1);
    long[] at = new long[1];
    Peers.start(
        name,
        new Setup(
            endpoint,
            queues,
            concurrency,
            (lane, body) -> {
              long now = System.nanoTime();
              synchronized (at) {
                if (at[0] == 0) {
                  at[0] = now;
                  first.countDown();
                }
              }
            }));
    if (!first.await(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no message within a minute");
    }
    synchronized (at) {
      System.out.println(
          "start " + new Figures().put("firstMessageMillis", (at[0] - startNanos) / 1e6));
    }
  }
}
