package io.multisqs.testkit.internal;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.CreateQueueRequest;
import software.amazon.awssdk.services.sqs.model.CreateQueueResponse;
import software.amazon.awssdk.services.sqs.model.DeleteQueueRequest;
import software.amazon.awssdk.services.sqs.model.DeleteQueueResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlResponse;
import software.amazon.awssdk.services.sqs.model.ListDeadLetterSourceQueuesRequest;
import software.amazon.awssdk.services.sqs.model.ListDeadLetterSourceQueuesResponse;
import software.amazon.awssdk.services.sqs.model.ListQueueTagsRequest;
import software.amazon.awssdk.services.sqs.model.ListQueueTagsResponse;
import software.amazon.awssdk.services.sqs.model.ListQueuesRequest;
import software.amazon.awssdk.services.sqs.model.ListQueuesResponse;
import software.amazon.awssdk.services.sqs.model.PurgeQueueRequest;
import software.amazon.awssdk.services.sqs.model.PurgeQueueResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.SetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.StartMessageMoveTaskRequest;
import software.amazon.awssdk.services.sqs.model.StartMessageMoveTaskResponse;
import software.amazon.awssdk.services.sqs.model.TagQueueRequest;
import software.amazon.awssdk.services.sqs.model.TagQueueResponse;
import software.amazon.awssdk.services.sqs.model.UntagQueueRequest;
import software.amazon.awssdk.services.sqs.model.UntagQueueResponse;

/**
 * Creates queues and all that is done to a queue as a whole. Called with the server's lock held.
 */
public final class Queues {

  private static final int LISTED_AT_ONCE = 1000;

  private final Server server;

  public Queues(Server server) {
    this.server = server;
  }

  public Answer<CreateQueueResponse> create(CreateQueueRequest request) {
    String name = request.queueName();
    if (name == null) {
      throw SqsErrors.missingParameter("QueueName");
    }
    QueueState queue = server.named(name);
    if (queue == null) {
      QueueSettings settings = QueueSettings.of(known(request.attributesAsStrings()));
      Limits.checkQueueName(name, settings.fifo());
      queue = server.create(name, settings);
      queue.tags.putAll(request.tags());
    } else if (!queue.settings.agreesWith(known(request.attributesAsStrings()))) {
      throw SqsErrors.queueNameExists(name);
    }
    return Answer.of(CreateQueueResponse.builder().queueUrl(queue.url).build());
  }

  public Answer<GetQueueUrlResponse> url(GetQueueUrlRequest request) {
    QueueState queue = server.named(request.queueName());
    if (queue == null) {
      throw SqsErrors.queueDoesNotExist();
    }
    return Answer.of(GetQueueUrlResponse.builder().queueUrl(queue.url).build());
  }

  public Answer<ListQueuesResponse> list(ListQueuesRequest request) {
    String prefix = request.queueNamePrefix() == null ? "" : request.queueNamePrefix();
    String after = request.nextToken() == null ? "" : request.nextToken();
    int max = request.maxResults() == null ? LISTED_AT_ONCE : request.maxResults();
    List<QueueState> left =
        server.queues().stream()
            .filter(queue -> queue.name.startsWith(prefix) && queue.name.compareTo(after) > 0)
            .toList();
    List<QueueState> page = left.subList(0, Math.min(max, left.size()));
    return Answer.of(
        ListQueuesResponse.builder()
            .queueUrls(page.stream().map(queue -> queue.url).toList())
            .nextToken(page.size() < left.size() ? page.get(page.size() - 1).name : null)
            .build());
  }

  public Answer<GetQueueAttributesResponse> attributes(GetQueueAttributesRequest request) {
    QueueState queue = server.at(request.queueUrl());
    Map<QueueAttributeName, String> all = attributesOf(queue);
    List<String> asked = request.attributeNamesAsStrings();
    asked.stream()
        .filter(name -> QueueAttributeName.fromValue(name) == UNKNOWN)
        .findFirst()
        .ifPresent(
            name -> {
              throw SqsErrors.invalidAttributeName(name);
            });
    if (!asked.contains("All")) {
      all.keySet().removeIf(name -> !asked.contains(name.toString()));
    }
    return Answer.of(GetQueueAttributesResponse.builder().attributes(all).build());
  }

  public Answer<SetQueueAttributesResponse> setAttributes(SetQueueAttributesRequest request) {
    QueueState queue = server.at(request.queueUrl());
    Map<QueueAttributeName, String> changes = known(request.attributesAsStrings());
    String fifo = changes.get(QueueAttributeName.FIFO_QUEUE);
    if (fifo != null && fifo.equals("true") != queue.fifo()) {
      throw SqsErrors.invalidAttributeValue("FifoQueue", "it cannot be changed");
    }
    queue.settings = queue.settings.with(changes);
    queue.modifiedAt = server.time.nanoTime();
    return Answer.of(SetQueueAttributesResponse.builder().build());
  }

  public Answer<PurgeQueueResponse> purge(PurgeQueueRequest request) {
    QueueState queue = server.at(request.queueUrl());
    long now = server.time.nanoTime();
    Long last = queue.purgedAt;
    if (last != null && now - last < Limits.PURGE_NANOS) {
      throw SqsErrors.purgeInProgress(queue.name);
    }
    queue.purgedAt = now;
    List.copyOf(queue.backlog.all()).forEach(message -> server.remove(queue, message));
    return Answer.of(PurgeQueueResponse.builder().build());
  }

  public Answer<DeleteQueueResponse> delete(DeleteQueueRequest request) {
    server.delete(server.at(request.queueUrl()));
    return Answer.of(DeleteQueueResponse.builder().build());
  }

  /** All on one page, however many the request asks for. */
  public Answer<ListDeadLetterSourceQueuesResponse> deadLetterSources(
      ListDeadLetterSourceQueuesRequest request) {
    String arn = server.at(request.queueUrl()).arn;
    return Answer.of(
        ListDeadLetterSourceQueuesResponse.builder()
            .queueUrls(
                server.queues().stream()
                    .filter(queue -> sendsTo(arn, queue))
                    .map(queue -> queue.url)
                    .toList())
            .build());
  }

  private static boolean sendsTo(String arn, QueueState queue) {
    QueueSettings.Redrive redrive = queue.settings.redrive();
    return redrive != null && redrive.targetArn().equals(arn);
  }

  public Answer<StartMessageMoveTaskResponse> startMoveTask(StartMessageMoveTaskRequest request) {
    QueueState source = withArn(request.sourceArn());
    String destination = request.destinationArn();
    QueueState target = destination == null ? null : withArn(destination);
    for (StoredMessage message : source.backlog.visible()) {
      String origin = message.deadLetterSource;
      QueueState to = target != null || origin == null ? target : server.withArn(origin);
      if (to != null) {
        message.receiveCount = 0;
        server.move(message, source, to, false);
      }
    }
    return Answer.of(
        StartMessageMoveTaskResponse.builder().taskHandle("move-" + server.nextNumber()).build());
  }

  public Answer<TagQueueResponse> tag(TagQueueRequest request) {
    server.at(request.queueUrl()).tags.putAll(request.tags());
    return Answer.of(TagQueueResponse.builder().build());
  }

  public Answer<UntagQueueResponse> untag(UntagQueueRequest request) {
    server.at(request.queueUrl()).tags.keySet().removeAll(Set.copyOf(request.tagKeys()));
    return Answer.of(UntagQueueResponse.builder().build());
  }

  public Answer<ListQueueTagsResponse> tags(ListQueueTagsRequest request) {
    Map<String, String> tags = new HashMap<>(server.at(request.queueUrl()).tags);
    return Answer.of(ListQueueTagsResponse.builder().tags(tags).build());
  }

  private static final QueueAttributeName UNKNOWN = QueueAttributeName.UNKNOWN_TO_SDK_VERSION;

  private QueueState withArn(@Nullable String arn) {
    QueueState queue = arn == null ? null : server.withArn(arn);
    if (queue == null) {
      throw SqsErrors.resourceNotFound("The queue " + arn + " does not exist.");
    }
    return queue;
  }

  private Map<QueueAttributeName, String> attributesOf(QueueState queue) {
    Map<QueueAttributeName, String> all = new EnumMap<>(QueueAttributeName.class);
    all.putAll(queue.settings.values());
    all.put(QueueAttributeName.QUEUE_ARN, queue.arn);
    all.put(
        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
        Integer.toString(queue.backlog.visibleCount()));
    all.put(
        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
        Integer.toString(queue.backlog.inFlight()));
    all.put(
        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED,
        Integer.toString(queue.backlog.delayedCount()));
    all.put(QueueAttributeName.CREATED_TIMESTAMP, seconds(queue.createdAt));
    all.put(QueueAttributeName.LAST_MODIFIED_TIMESTAMP, seconds(queue.modifiedAt));
    return all;
  }

  private String seconds(long nanoTime) {
    return Long.toString(server.time.at(nanoTime).getEpochSecond());
  }

  private static Map<QueueAttributeName, String> known(Map<String, String> attributes) {
    Map<QueueAttributeName, String> known = new EnumMap<>(QueueAttributeName.class);
    attributes.forEach(
        (name, value) -> {
          QueueAttributeName key = QueueAttributeName.fromValue(name);
          if (key == UNKNOWN) {
            throw SqsErrors.invalidAttributeName(name);
          }
          known.put(key, value);
        });
    return known;
  }
}
