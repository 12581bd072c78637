package io.multisqs.benchmarks.peers;

import com.jashmore.sqs.QueueProperties;
import com.jashmore.sqs.container.MessageListenerContainer;
import com.jashmore.sqs.container.batching.BatchingMessageListenerContainer;
import com.jashmore.sqs.container.batching.ImmutableBatchingMessageListenerContainerProperties;
import com.jashmore.sqs.container.prefetching.ImmutablePrefetchingMessageListenerContainerProperties;
import com.jashmore.sqs.container.prefetching.PrefetchingMessageListenerContainer;
import com.jashmore.sqs.processor.LambdaMessageProcessor;
import com.jashmore.sqs.processor.MessageProcessor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;

/** java-dynamic-sqs-listener's core: a container for each queue. */
final class DynamicPeer implements Consumer {
  private static final Duration VISIBILITY = Duration.ofSeconds(30);

  private final SqsAsyncClient sqs;
  private final List<MessageListenerContainer> containers = new ArrayList<>();

  private interface Form {
    MessageListenerContainer of(
        String id, QueueProperties queue, SqsAsyncClient sqs, Supplier<MessageProcessor> processor);
  }

  private DynamicPeer(Setup setup, SqsAsyncClient sqs, Form form) {
    this.sqs = sqs;
    for (int lane = 0; lane < setup.queues().size(); lane++) {
      int index = lane;
      QueueProperties queue = QueueProperties.builder().queueUrl(setup.url(lane)).build();
      Supplier<MessageProcessor> processor =
          () ->
              new LambdaMessageProcessor(
                  sqs,
                  queue,
                  message -> {
                    try {
                      setup.handler().handle(index, message.body());
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                      throw new IllegalStateException("interrupted, the message is kept", e);
                    }
                  });
      containers.add(form.of("lane-" + lane, queue, sqs, processor));
    }
    for (MessageListenerContainer container : containers) {
      var unused = container.start();
    }
  }

  /**
   * Receives when enough workers are free or two seconds have passed, as its annotation does by
   * default.
   */
  static DynamicPeer batching(Setup setup) {
    return new DynamicPeer(
        setup,
        Http.plainAsync(setup),
        (id, queue, sqs, processor) ->
            new BatchingMessageListenerContainer(
                id,
                queue,
                sqs,
                processor,
                ImmutableBatchingMessageListenerContainerProperties.builder()
                    .concurrencyLevel(setup.concurrency())
                    .concurrencyPollingRate(Duration.ofMinutes(1))
                    .errorBackoffTime(Duration.ofSeconds(1))
                    .batchSize(Math.min(5, setup.concurrency()))
                    .batchingPeriod(Duration.ofSeconds(2))
                    .messageVisibilityTimeout(VISIBILITY)
                    .interruptThreadsProcessingMessagesOnShutdown(true)
                    .build()));
  }

  /** Keeps one to ten messages ready, as its annotation does by default. */
  static DynamicPeer prefetching(Setup setup) {
    return prefetching(setup, Http.plainAsync(setup), 1, 10);
  }

  /** Keeps enough ready to bridge a round trip. */
  static DynamicPeer tuned(Setup setup) {
    int ready = Math.max(30, 2 * setup.concurrency());
    return prefetching(setup, Http.NETTY.async(setup, 200), ready, ready + 10);
  }

  private static DynamicPeer prefetching(Setup setup, SqsAsyncClient client, int min, int max) {
    return new DynamicPeer(
        setup,
        client,
        (id, queue, sqs, processor) ->
            new PrefetchingMessageListenerContainer(
                id,
                queue,
                sqs,
                processor,
                ImmutablePrefetchingMessageListenerContainerProperties.builder()
                    .concurrencyLevel(setup.concurrency())
                    .concurrencyPollingRate(Duration.ofMinutes(1))
                    .errorBackoffTime(Duration.ofSeconds(1))
                    .desiredMinPrefetchedMessages(min)
                    .maxPrefetchedMessages(max)
                    .messageVisibilityTimeout(VISIBILITY)
                    .build()));
  }

  @Override
  public void close() {
    containers.forEach(container -> container.stop(Duration.ofSeconds(1)));
    sqs.close();
  }
}
