package io.multisqs.benchmarks.peers;

import com.jashmore.sqs.QueueProperties;
import com.jashmore.sqs.broker.concurrent.ConcurrentMessageBroker;
import com.jashmore.sqs.broker.concurrent.StaticConcurrentMessageBrokerProperties;
import com.jashmore.sqs.container.CoreMessageListenerContainer;
import com.jashmore.sqs.container.MessageListenerContainer;
import com.jashmore.sqs.container.batching.BatchingMessageListenerContainer;
import com.jashmore.sqs.container.batching.ImmutableBatchingMessageListenerContainerProperties;
import com.jashmore.sqs.container.prefetching.ImmutablePrefetchingMessageListenerContainerProperties;
import com.jashmore.sqs.container.prefetching.PrefetchingMessageListenerContainer;
import com.jashmore.sqs.processor.LambdaMessageProcessor;
import com.jashmore.sqs.processor.MessageProcessor;
import com.jashmore.sqs.resolver.batching.BatchingMessageResolver;
import com.jashmore.sqs.resolver.batching.StaticBatchingMessageResolverProperties;
import com.jashmore.sqs.retriever.prefetch.PrefetchingMessageRetriever;
import com.jashmore.sqs.retriever.prefetch.StaticPrefetchingMessageRetrieverProperties;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;

/** java-dynamic-sqs-listener's core: a container for each queue. */
final class DynamicPeer implements Consumer {
  private static final Duration VISIBILITY = Duration.ofSeconds(30);

  /** Short, as slots seem to be taken until their messages are deleted. */
  private static final Duration LINGER = Duration.ofMillis(5);

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

  /**
   * Keeps enough ready to bridge a round trip, and deletes by ten: put together from the parts that
   * its prefetching container is made of, as that one is given no way to set how it deletes.
   */
  static DynamicPeer tuned(Setup setup) {
    int ready = Math.max(30, 2 * setup.concurrency());
    return new DynamicPeer(
        setup,
        Http.wideAsync(setup),
        (id, queue, sqs, processor) ->
            new CoreMessageListenerContainer(
                id,
                () ->
                    new ConcurrentMessageBroker(
                        StaticConcurrentMessageBrokerProperties.builder()
                            .concurrencyLevel(setup.concurrency())
                            .preferredConcurrencyPollingRate(Duration.ofMinutes(1))
                            .errorBackoffTime(Duration.ofSeconds(1))
                            .build()),
                () ->
                    new PrefetchingMessageRetriever(
                        sqs,
                        queue,
                        StaticPrefetchingMessageRetrieverProperties.builder()
                            .desiredMinPrefetchedMessages(ready)
                            .maxPrefetchedMessages(ready + 10)
                            .messageVisibilityTimeout(VISIBILITY)
                            .errorBackoffTime(Duration.ofSeconds(1))
                            .build()),
                processor,
                () ->
                    new BatchingMessageResolver(
                        queue,
                        sqs,
                        StaticBatchingMessageResolverProperties.builder()
                            .bufferingSizeLimit(10)
                            .bufferingTime(LINGER)
                            .build())));
  }

  /** Keeps one to ten messages ready, as its annotation does by default. */
  static DynamicPeer prefetching(Setup setup) {
    return new DynamicPeer(
        setup,
        Http.plainAsync(setup),
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
                    .desiredMinPrefetchedMessages(1)
                    .maxPrefetchedMessages(10)
                    .messageVisibilityTimeout(VISIBILITY)
                    .build()));
  }

  @Override
  public void close() {
    containers.forEach(container -> container.stop(Duration.ofSeconds(1)));
    sqs.close();
  }
}
