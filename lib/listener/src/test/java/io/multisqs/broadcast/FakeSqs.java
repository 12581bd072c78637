package io.multisqs.broadcast;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsServiceClientConfiguration;
import software.amazon.awssdk.services.sqs.model.*;

/**
 * SQS's queue operations in memory, as its API reference has them, with what no local server shows:
 * policies, keys, and 60 s between deleting a queue and creating its namesake.
 */
final class FakeSqs implements SqsClient {
  static final String URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/";
  static final String ARN = "arn:aws:sqs:eu-west-1:123456789012:";

  /** A queue. */
  static final class Queue {
    final Map<QueueAttributeName, String> attributes = new HashMap<>();
    final Map<String, String> tags = new HashMap<>();
  }

  final Map<String, Queue> queues = new TreeMap<>(); // guarded by this
  final Map<String, Instant> deleted = new HashMap<>(); // guarded by this
  final List<String> calls; // a synchronized list, shared with the fake SNS

  /** What happens before each call, by its name and the queue's; may throw. */
  volatile BiConsumer<String, String> before = (call, queue) -> {};

  /** What SQS's own clock is ahead of the test's, said in the answers' date; null for no date. */
  volatile @Nullable Duration ahead;

  private int created; // guarded by this
  private final InstantSource clock;

  FakeSqs(InstantSource clock, List<String> calls) {
    this.clock = clock;
    this.calls = calls;
  }

  private void called(String call, String queue) {
    if (Thread.currentThread().isInterrupted()) {
      // As the SDK does, whose flag stays set.
      throw AbortedException.create("Thread was interrupted");
    }
    calls.add(call + " " + queue);
    before.accept(call, queue);
  }

  private <B extends SdkResponse.Builder> B dated(B answer) {
    Duration by = ahead;
    if (by != null) {
      String date =
          DateTimeFormatter.RFC_1123_DATE_TIME.format(
              clock.instant().plus(by).atOffset(ZoneOffset.UTC));
      answer.sdkHttpResponse(
          SdkHttpResponse.builder().statusCode(200).putHeader("Date", date).build());
    }
    return answer;
  }

  private static String name(String url) {
    return url.substring(url.lastIndexOf('/') + 1);
  }

  private Queue queue(String name) {
    Queue queue = queues.get(name);
    if (queue == null) {
      throw QueueDoesNotExistException.builder().message("no queue " + name).build();
    }
    return queue;
  }

  @Override
  public CreateQueueResponse createQueue(CreateQueueRequest r) {
    called("CreateQueue", r.queueName());
    synchronized (this) {
      Queue queue = queues.get(r.queueName());
      if (queue != null && !queue.attributes.entrySet().containsAll(r.attributes().entrySet())) {
        throw QueueNameExistsException.builder().message("other attributes").build();
      }
      Instant gone = deleted.get(r.queueName());
      if (gone != null && clock.instant().isBefore(gone.plusSeconds(60))) {
        throw QueueDeletedRecentlyException.builder().message("wait 60 seconds").build();
      }
      if (queue == null) {
        queue = new Queue();
        queue.attributes.putAll(r.attributes());
        queue.attributes.put(QueueAttributeName.QUEUE_ARN, ARN + r.queueName());
        queue.attributes.put(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, "0");
        queue.attributes.put(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE, "0");
        queue.attributes.put(QueueAttributeName.CREATED_TIMESTAMP, String.valueOf(++created));
        queue.tags.putAll(r.tags());
        queues.put(r.queueName(), queue);
      }
      return dated(CreateQueueResponse.builder().queueUrl(URL + r.queueName())).build();
    }
  }

  @Override
  public GetQueueUrlResponse getQueueUrl(GetQueueUrlRequest r) {
    called("GetQueueUrl", r.queueName());
    synchronized (this) {
      queue(r.queueName());
      return GetQueueUrlResponse.builder().queueUrl(URL + r.queueName()).build();
    }
  }

  @Override
  public ListQueueTagsResponse listQueueTags(ListQueueTagsRequest r) {
    called("ListQueueTags", name(r.queueUrl()));
    synchronized (this) {
      return dated(ListQueueTagsResponse.builder().tags(Map.copyOf(queue(name(r.queueUrl())).tags)))
          .build();
    }
  }

  @Override
  public TagQueueResponse tagQueue(TagQueueRequest r) {
    called("TagQueue", name(r.queueUrl()));
    synchronized (this) {
      queue(name(r.queueUrl())).tags.putAll(r.tags());
      return TagQueueResponse.builder().build();
    }
  }

  @Override
  public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest r) {
    called("GetQueueAttributes", name(r.queueUrl()));
    synchronized (this) {
      Map<QueueAttributeName, String> asked = new HashMap<>(queue(name(r.queueUrl())).attributes);
      asked.keySet().retainAll(r.attributeNames());
      return GetQueueAttributesResponse.builder().attributes(asked).build();
    }
  }

  @Override
  public SetQueueAttributesResponse setQueueAttributes(SetQueueAttributesRequest r) {
    called("SetQueueAttributes", name(r.queueUrl()));
    synchronized (this) {
      queue(name(r.queueUrl())).attributes.putAll(r.attributes());
      return SetQueueAttributesResponse.builder().build();
    }
  }

  @Override
  public DeleteQueueResponse deleteQueue(DeleteQueueRequest r) {
    called("DeleteQueue", name(r.queueUrl()));
    synchronized (this) {
      queue(name(r.queueUrl()));
      queues.remove(name(r.queueUrl()));
      deleted.put(name(r.queueUrl()), clock.instant());
      return DeleteQueueResponse.builder().build();
    }
  }

  @Override
  public ListQueuesResponse listQueues(ListQueuesRequest r) {
    called("ListQueues", r.queueNamePrefix());
    synchronized (this) {
      List<String> urls = new ArrayList<>();
      queues.keySet().stream()
          .filter(n -> n.startsWith(r.queueNamePrefix()))
          .forEach(n -> urls.add(URL + n));
      return dated(ListQueuesResponse.builder().queueUrls(urls)).build();
    }
  }

  @Override
  public SqsServiceClientConfiguration serviceClientConfiguration() {
    return SqsServiceClientConfiguration.builder().region(Region.EU_WEST_1).build();
  }

  @Override
  public String serviceName() {
    return "sqs";
  }

  @Override
  public void close() {}

  static SqsException refusal(String code) {
    return (SqsException)
        SqsException.builder()
            .message(code)
            .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
            .build();
  }
}
