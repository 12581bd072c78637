package io.multisqs.benchmarks.peers;

import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.sqs.SqsClient;

/** This library: one listener for all queues, with one set of slots. */
final class MultiSqsPeer implements Consumer {
  private final MultiSqsListener listener;

  private MultiSqsPeer(Setup setup, ListenerOptions.Builder options) {
    List<SqsListenerConfig> queues = new ArrayList<>();
    for (int lane = 0; lane < setup.queues().size(); lane++) {
      queues.add(SqsListenerConfig.builder(setup.queues().get(lane)).priority(lane + 1).build());
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

  /** Everything as it comes, on virtual threads; for JDK 21 and later. */
  static MultiSqsPeer virtualThreads(Setup setup) {
    return new MultiSqsPeer(
        setup, ListenerOptions.builder().endpointOverride(setup.endpoint()).virtualThreads(true));
  }

  /** Everything as it comes, on a client of the user's. */
  static MultiSqsPeer on(Setup setup, Http http) {
    SqsClient sqs = http.sync(setup, 50 + 20 * setup.queues().size());
    return new MultiSqsPeer(setup, ListenerOptions.builder().sqsClient(sqs));
  }

  @Override
  public void close() {
    listener.stop(Duration.ofSeconds(1));
  }
}
