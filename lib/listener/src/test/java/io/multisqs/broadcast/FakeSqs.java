package io.multisqs.broadcast;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
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

  private final InstantSource clock;

  FakeSqs(InstantSource clock, List<String> calls) {
    this.clock = clock;
    this.calls = calls;
  }

  private void called(String call, String queue) {
    calls.add(call + " " + queue);
    before.accept(call, queue);
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
  public synchronized CreateQueueResponse createQueue(CreateQueueRequest r) {
    called("CreateQueue", r.queueName());
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
      queue.tags.putAll(r.tags());
      queues.put(r.queueName(), queue);
    }
    return CreateQueueResponse.builder().queueUrl(URL + r.queueName()).build();
  }

  @Override
  public synchronized GetQueueUrlResponse getQueueUrl(GetQueueUrlRequest r) {
    called("GetQueueUrl", r.queueName());
    queue(r.queueName());
    return GetQueueUrlResponse.builder().queueUrl(URL + r.queueName()).build();
  }

  @Override
  public synchronized ListQueueTagsResponse listQueueTags(ListQueueTagsRequest r) {
    called("ListQueueTags", name(r.queueUrl()));
    return ListQueueTagsResponse.builder().tags(Map.copyOf(queue(name(r.queueUrl())).tags)).build();
  }

  @Override
  public synchronized TagQueueResponse tagQueue(TagQueueRequest r) {
    called("TagQueue", name(r.queueUrl()));
    queue(name(r.queueUrl())).tags.putAll(r.tags());
    return TagQueueResponse.builder().build();
  }

  @Override
  public synchronized GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest r) {
    called("GetQueueAttributes", name(r.queueUrl()));
    Map<QueueAttributeName, String> asked = new HashMap<>(queue(name(r.queueUrl())).attributes);
    asked.keySet().retainAll(r.attributeNames());
    return GetQueueAttributesResponse.builder().attributes(asked).build();
  }

  @Override
  public synchronized SetQueueAttributesResponse setQueueAttributes(SetQueueAttributesRequest r) {
    called("SetQueueAttributes", name(r.queueUrl()));
    queue(name(r.queueUrl())).attributes.putAll(r.attributes());
    return SetQueueAttributesResponse.builder().build();
  }

  @Override
  public synchronized DeleteQueueResponse deleteQueue(DeleteQueueRequest r) {
    called("DeleteQueue", name(r.queueUrl()));
    queue(name(r.queueUrl()));
    queues.remove(name(r.queueUrl()));
    deleted.put(name(r.queueUrl()), clock.instant());
    return DeleteQueueResponse.builder().build();
  }

  @Override
  public synchronized ListQueuesResponse listQueues(ListQueuesRequest r) {
    called("ListQueues", r.queueNamePrefix());
    List<String> urls = new ArrayList<>();
    queues.keySet().stream()
        .filter(n -> n.startsWith(r.queueNamePrefix()))
        .forEach(n -> urls.add(URL + n));
    return ListQueuesResponse.builder().queueUrls(urls).build();
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
