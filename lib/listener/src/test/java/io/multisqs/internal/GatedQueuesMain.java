package io.multisqs.internal;

import io.multisqs.ListenerOptions;
import io.multisqs.PriorityPolicy;
import io.multisqs.SqsListenerConfig;
import io.multisqs.testkit.InMemorySqs;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsServiceClientConfiguration;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;

/**
 * A command: messages a second, and CPU a message, of one busy queue of high priority beside many
 * lower ones that are empty. Arguments: how many lower queues, for each run; "weighted" for that
 * policy. Ten slots, handlers of 1 ms, a receive of 1 ms, real threads.
 */
final class GatedQueuesMain {
  private GatedQueuesMain() {}

  /** The queue "high" always has ten more; all others stand. */
  private static final class Endless implements SqsClient {
    private final AtomicLong ids = new AtomicLong();
    private final CountDownLatch end = new CountDownLatch(1);

    @Override
    public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
      if (!request.queueUrl().endsWith("/high")) {
        try {
          // Once they have answered, lower queues are gated.
          boolean unused = end.await(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return ReceiveMessageResponse.builder().build();
      }
      LockSupport.parkNanos(1_000_000);
      List<Message> messages = new ArrayList<>();
      for (int i = 0; i < request.maxNumberOfMessages(); i++) {
        String id = Long.toString(ids.incrementAndGet());
        messages.add(Message.builder().messageId(id).receiptHandle(id).body("b").build());
      }
      return ReceiveMessageResponse.builder().messages(messages).build();
    }

    @Override
    public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
      return DeleteMessageBatchResponse.builder()
          .successful(
              request.entries().stream()
                  .map(e -> DeleteMessageBatchResultEntry.builder().id(e.id()).build())
                  .toList())
          .build();
    }

    @Override
    public GetQueueUrlResponse getQueueUrl(GetQueueUrlRequest request) {
      return GetQueueUrlResponse.builder().queueUrl("http://sqs/0/" + request.queueName()).build();
    }

    @Override
    public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
      return GetQueueAttributesResponse.builder()
          .attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "30"))
          .build();
    }

    @Override
    public SqsServiceClientConfiguration serviceClientConfiguration() {
      return new InMemorySqs().serviceClientConfiguration();
    }

    @Override
    public String serviceName() {
      return SERVICE_NAME;
    }

    @Override
    public void close() {}
  }

  public static void main(String[] args) throws Exception {
    boolean weighted = List.of(args).contains("weighted");
    for (String arg : args) {
      if (!arg.equals("weighted")) {
        run(Integer.parseInt(arg), weighted);
      }
    }
    System.exit(0);
  }

  private static void run(int lower, boolean weighted) throws InterruptedException {
    Endless sqs = new Endless();
    List<SqsListenerConfig> queues = new ArrayList<>();
    queues.add(SqsListenerConfig.builder("high").priority(5).build());
    IntStream.range(0, lower).forEach(q -> queues.add(SqsListenerConfig.of("low" + q)));
    AtomicLong handled = new AtomicLong();
    ListenerOptions options =
        ListenerOptions.builder()
            .sqsClient(sqs)
            .region("us-east-1")
            .concurrency(10)
            .priorityPolicy(
                weighted ? PriorityPolicy.weighted(Map.of(5, 10, 1, 1)) : PriorityPolicy.strict())
            .build();
    ListenerRuntime listener =
        new ListenerRuntime(
            queues,
            options,
            (queue, bus, priority, message) -> {
              LockSupport.parkNanos(1_000_000);
              handled.incrementAndGet();
            });
    listener.start();
    Thread.sleep(4_000);
    long from = handled.get();
    long cpu = cpu();
    long at = System.nanoTime();
    Thread.sleep(6_000);
    double messages = handled.get() - from;
    double seconds = (System.nanoTime() - at) / 1e9;
    System.out.printf(
        "%4d lower queues%s: %6.0f messages/s, %4.0f µs of CPU a message%n",
        lower, weighted ? ", weighted" : "", messages / seconds, (cpu() - cpu) / messages / 1e3);
    sqs.end.countDown();
    listener.stop(Duration.ofSeconds(1));
  }

  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
