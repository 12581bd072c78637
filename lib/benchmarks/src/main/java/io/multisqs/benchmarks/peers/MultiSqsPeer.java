package io.multisqs.benchmarks.peers;

import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.sqs.SqsClient;

/** This library: one listener for all queues, with one set of slots. */
final class MultiSqsPeer implements Consumer {
  private static final int TUNED_POLLERS = 50;

  private final MultiSqsListener listener;

  private MultiSqsPeer(Setup setup, ListenerOptions.Builder options) {
    this(setup, options, OptionalInt.empty());
  }

  private MultiSqsPeer(Setup setup, ListenerOptions.Builder options, OptionalInt maxPollers) {
    List<SqsListenerConfig> queues = new ArrayList<>();
    for (int lane = 0; lane < setup.queues().size(); lane++) {
      SqsListenerConfig.Builder queue =
          SqsListenerConfig.builder(setup.queues().get(lane)).priority(lane + 1);
      maxPollers.ifPresent(queue::maxPollers);
      queues.add(queue.build());
    }
    // Handlers are given the queue's name; its index is what is counted by.
    List<String> names = List.copyOf(setup.queues());
    listener =
        MultiSqsListener.of(
            queues,
            options.concurrency(setup.concurrency()).region("us-east-1").build(),
            (queue, bus, priority, message) ->
                setup.handler().handle(names.indexOf(queue), message.body()));
    listener.start();
  }

  /** Everything as it comes, but for the slots. */
  static MultiSqsPeer defaults(Setup setup) {
    return new MultiSqsPeer(setup, ListenerOptions.builder().endpointOverride(setup.endpoint()));
  }

  /**
   * For handlers that take next to nothing and a server that is far: 50 receives of ten in 15 ms,
   * and as many deletes, are 33,000 messages a second, where the default's 20 are 13,000.
   *
   * <p>What else could be set changes nothing there: the prefetch follows the handlers' pace to a
   * thousand messages by itself, and no delete waits for its linger while ten are there at once.
   */
  static MultiSqsPeer tuned(Setup setup) {
    return new MultiSqsPeer(
        setup,
        ListenerOptions.builder().endpointOverride(setup.endpoint()),
        OptionalInt.of(TUNED_POLLERS));
  }

  /** Everything as it comes, but that lower work waits for no answer of a higher queue. */
  static MultiSqsPeer withoutHold(Setup setup) {
    return new MultiSqsPeer(
        setup,
        ListenerOptions.builder().endpointOverride(setup.endpoint()).priorityHold(Duration.ZERO));
  }

  /** Everything as it comes, on virtual threads; for JDK 21 and later. */
  static MultiSqsPeer virtualThreads(Setup setup) {
    return new MultiSqsPeer(
        setup, ListenerOptions.builder().endpointOverride(setup.endpoint()).virtualThreads(true));
  }

  /**
   * Everything as it comes, on a client of the user's, set as the listener sets its own: it has as
   * many connections, calls are repeated by the listener alone, and the timer for their limits
   * forgets those that ended. The SDK's own timer keeps them until they would have been due, which
   * would be measured too.
   */
  static MultiSqsPeer on(Setup setup, Http http) {
    ScheduledThreadPoolExecutor limits =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread thread = new Thread(work, "call-limits");
              thread.setDaemon(true);
              return thread;
            });
    limits.setRemoveOnCancelPolicy(true);
    int tenth = setup.concurrency() / 10;
    int receives = Math.max(20, tenth) * setup.queues().size();
    int otherCalls = Math.max(32, tenth) + 32 + setup.concurrency();
    SqsClient sqs =
        http.sync(
            setup,
            receives + otherCalls,
            ClientOverrideConfiguration.builder()
                .scheduledExecutorService(limits)
                .retryStrategy(DefaultRetryStrategy.doNotRetry())
                .build());
    return new MultiSqsPeer(setup, ListenerOptions.builder().sqsClient(sqs));
  }

  @Override
  public void close() {
    listener.stop(Duration.ofSeconds(1));
  }
}
