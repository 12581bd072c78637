package io.multisqs.benchmarks.peers;

import io.awspring.cloud.sqs.MessageExecutionThreadFactory;
import io.awspring.cloud.sqs.listener.SqsContainerOptionsBuilder;
import io.awspring.cloud.sqs.listener.SqsMessageListenerContainer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;

/**
 * Spring Cloud AWS SQS: a container for each queue, made by hand, without an application context.
 */
final class SpringPeer implements Consumer {
  private final SqsAsyncClient sqs;
  private final List<SqsMessageListenerContainer<Object>> containers = new ArrayList<>();
  private final List<ThreadPoolTaskExecutor> pools = new ArrayList<>();

  private SpringPeer(
      Setup setup,
      SqsAsyncClient sqs,
      java.util.function.Consumer<SqsContainerOptionsBuilder> options) {
    this.sqs = sqs;
    for (int lane = 0; lane < setup.queues().size(); lane++) {
      int queue = lane;
      SqsMessageListenerContainer<Object> container =
          SqsMessageListenerContainer.builder()
              .sqsAsyncClient(sqs)
              .queueNames(setup.queues().get(lane))
              .configure(options)
              .messageListener(
                  message -> {
                    try {
                      setup.handler().handle(queue, (String) message.getPayload());
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                      throw new IllegalStateException("interrupted, the message is kept", e);
                    }
                  })
              .build();
      containers.add(container);
    }
    containers.forEach(SqsMessageListenerContainer::start);
  }

  /** Everything as it comes, but for the number of messages at once. */
  static SpringPeer defaults(Setup setup) {
    return new SpringPeer(
        setup,
        Http.plainAsync(setup),
        options ->
            fast(options)
                .maxConcurrentMessages(setup.concurrency())
                // Ten, unless fewer messages at once are wanted, which it refuses.
                .maxMessagesPerPoll(Math.min(10, setup.concurrency())));
  }

  /** Two hundred messages at once, and connections for them. */
  static SpringPeer tuned(Setup setup) {
    return new SpringPeer(
        setup,
        Http.wideAsync(setup),
        options -> fast(options).maxConcurrentMessages(Math.max(200, setup.concurrency())));
  }

  /**
   * Handlers on a pool of the wanted size, and leave to have more messages than that at once: what
   * the pool has no thread for waits in front of it, which makes up for the round trip.
   */
  static SpringPeer prefetching(Setup setup) {
    List<ThreadPoolTaskExecutor> made = new ArrayList<>();
    SpringPeer peer =
        new SpringPeer(
            setup,
            Http.wideAsync(setup),
            options -> {
              ThreadPoolTaskExecutor pool = pool(setup.concurrency());
              made.add(pool);
              fast(options)
                  .maxConcurrentMessages(Math.max(200, 4 * setup.concurrency()))
                  .componentsTaskExecutor(pool);
            });
    peer.pools.addAll(made);
    return peer;
  }

  private static ThreadPoolTaskExecutor pool(int threads) {
    ThreadPoolTaskExecutor pool = new ThreadPoolTaskExecutor();
    pool.setCorePoolSize(threads);
    pool.setMaxPoolSize(threads);
    // Without threads of this kind the container moves to another thread for each stage.
    pool.setThreadFactory(new MessageExecutionThreadFactory("spring-pool"));
    pool.initialize();
    return pool;
  }

  /** Ends without the default's 20 s of grace, which nothing here measures. */
  private static SqsContainerOptionsBuilder fast(SqsContainerOptionsBuilder options) {
    return options
        .listenerShutdownTimeout(Duration.ofMillis(100))
        .acknowledgementShutdownTimeout(Duration.ofMillis(100));
  }

  @Override
  public void close() {
    for (SqsMessageListenerContainer<Object> container : containers) {
      try {
        container.stop();
      } catch (CompletionException e) {
        // Its stop walks the list of polls under way while they take themselves off it.
        System.err.println("spring: the stop failed: " + e);
      }
    }
    pools.forEach(ThreadPoolTaskExecutor::shutdown);
    sqs.close();
  }
}
