package io.multisqs.internal;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.metrics.MetricPublisher;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsServiceClientConfiguration;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/**
 * Every call that the library makes to SQS, of one region. Blocking; each call has a time limit of
 * its own, whatever the client's. Thread-safe.
 */
final class SqsGateway {
  /** A call other than a receive that takes longer than this has failed. */
  private static final Duration CALL_TIME = Duration.ofSeconds(10);

  /** How much longer than its wait a receive may take. */
  private static final Duration RECEIVE_SLACK = Duration.ofSeconds(10);

  private static final List<MessageSystemAttributeName> STANDARD =
      List.of(
          MessageSystemAttributeName.SENT_TIMESTAMP,
          MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
          MessageSystemAttributeName.MESSAGE_GROUP_ID);

  private static final List<MessageSystemAttributeName> FIFO =
      List.of(
          MessageSystemAttributeName.SENT_TIMESTAMP,
          MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
          MessageSystemAttributeName.MESSAGE_GROUP_ID,
          MessageSystemAttributeName.SEQUENCE_NUMBER,
          MessageSystemAttributeName.MESSAGE_DEDUPLICATION_ID);

  private final SqsClient client;

  /** What the client tells of itself; null where it tells nothing, as a fake does. */
  private final @Nullable SqsServiceClientConfiguration itself;

  /** For calls other than receives. */
  private final AwsRequestOverrideConfiguration callLimit;

  /** One entry of a batch that SQS, or the network, did not take. */
  record Refused(int index, String code, String text) {}

  SqsGateway(SqsClient client) {
    this.client = client;
    this.itself = itself(client);
    this.callLimit = limit(CALL_TIME);
  }

  private static @Nullable SqsServiceClientConfiguration itself(SqsClient client) {
    try {
      return client.serviceClientConfiguration();
    } catch (UnsupportedOperationException e) {
      return null;
    }
  }

  /** The region that the client signs for and, without an endpoint of its own, connects to. */
  @Nullable String region() {
    return itself == null || itself.region() == null ? null : itself.region().id();
  }

  /** The endpoint that the client was given; null if none, or if it does not tell. */
  @Nullable URI endpoint() {
    return itself == null ? null : itself.endpointOverride().orElse(null);
  }

  /** Whether the client is one of the SDK's that finds AWS's endpoint by its region. */
  boolean connectsToAws() {
    return itself != null && itself.endpointOverride().isEmpty();
  }

  /** Whose connections its calls use. */
  SqsClient client() {
    return client;
  }

  /**
   * The client's own limit of an attempt, if it has one, is set to that of the call: an attempt
   * that ends before its long poll does would leave hidden what SQS gives to it. Not set otherwise,
   * as each limit costs a timer.
   */
  private AwsRequestOverrideConfiguration limit(Duration limit) {
    boolean attemptsAreLimited =
        itself != null && itself.overrideConfiguration().apiCallAttemptTimeout().isPresent();
    return AwsRequestOverrideConfiguration.builder()
        .apiCallTimeout(limit)
        .apiCallAttemptTimeout(attemptsAreLimited ? limit : null)
        .build();
  }

  String queueUrl(String name, Optional<String> ownerAccountId) {
    String url =
        client
            .getQueueUrl(
                r ->
                    r.queueName(name)
                        .queueOwnerAWSAccountId(ownerAccountId.orElse(null))
                        .overrideConfiguration(callLimit))
            .queueUrl();
    if (url == null) {
      throw SdkClientException.create("the answer to GetQueueUrl for " + name + " has no URL");
    }
    return url;
  }

  /**
   * What SQS says of a queue.
   *
   * @param metrics hears what the HTTP client says of itself meanwhile
   */
  Map<QueueAttributeName, String> attributes(String url, MetricPublisher metrics) {
    Map<QueueAttributeName, String> attributes =
        client
            .getQueueAttributes(
                r ->
                    r.queueUrl(url)
                        .attributeNames(QueueAttributeName.ALL)
                        .overrideConfiguration(
                            callLimit.toBuilder().addMetricPublisher(metrics).build()))
            .attributes();
    if (attributes.isEmpty()) {
      // Defaults in their place would be a lease that SQS does not keep.
      throw SdkClientException.create("the answer to GetQueueAttributes of " + url + " is empty");
    }
    return attributes;
  }

  /** What stays the same in every receive of a queue. */
  ReceiveMessageRequest receiveTemplate(
      String url,
      boolean fifo,
      int waitSeconds,
      List<String> attributes,
      List<MessageSystemAttributeName> systemAttributes,
      Duration hide) {
    return ReceiveMessageRequest.builder()
        .queueUrl(url)
        .waitTimeSeconds(waitSeconds)
        .messageSystemAttributeNames(needed(fifo, systemAttributes))
        .messageAttributeNames(attributes)
        // Always said, as someone may change the queue's own while the listener counts on this one.
        .visibilityTimeout((int) hide.toSeconds())
        .overrideConfiguration(limit(RECEIVE_SLACK.plusSeconds(waitSeconds)))
        .build();
  }

  /** Those that the listener needs, and those that the user asks for. */
  private static Set<MessageSystemAttributeName> needed(
      boolean fifo, List<MessageSystemAttributeName> asked) {
    if (asked.contains(MessageSystemAttributeName.ALL)) {
      return Set.of(MessageSystemAttributeName.ALL);
    }
    Set<MessageSystemAttributeName> all = new LinkedHashSet<>(fifo ? FIFO : STANDARD);
    all.addAll(asked);
    return all;
  }

  List<Message> receive(ReceiveMessageRequest template, int messages, @Nullable String attemptId) {
    return client
        .receiveMessage(
            template.toBuilder()
                .maxNumberOfMessages(messages)
                .receiveRequestAttemptId(attemptId)
                .build())
        .messages();
  }

  /**
   * Deletes; returns what was not deleted. Entry ids are places in the list, so always distinct.
   */
  List<Refused> delete(String url, List<String> receipts) {
    List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>(receipts.size());
    for (int i = 0; i < receipts.size(); i++) {
      String receipt = receipts.get(i);
      String id = Integer.toString(i);
      entries.add(DeleteMessageBatchRequestEntry.builder().id(id).receiptHandle(receipt).build());
    }
    DeleteMessageBatchResponse answer =
        client.deleteMessageBatch(
            r -> r.queueUrl(url).entries(entries).overrideConfiguration(callLimit));
    List<String> done =
        answer.successful().stream().map(DeleteMessageBatchResultEntry::id).toList();
    return refused(receipts.size(), done, answer.failed());
  }

  /** Changes visibilities, each to its own; returns what was not changed. */
  List<Refused> changeVisibility(String url, List<String> receipts, List<Integer> seconds) {
    List<ChangeMessageVisibilityBatchRequestEntry> entries = new ArrayList<>(receipts.size());
    for (int i = 0; i < receipts.size(); i++) {
      entries.add(
          ChangeMessageVisibilityBatchRequestEntry.builder()
              .id(Integer.toString(i))
              .receiptHandle(receipts.get(i))
              .visibilityTimeout(seconds.get(i))
              .build());
    }
    ChangeMessageVisibilityBatchResponse answer =
        client.changeMessageVisibilityBatch(
            r -> r.queueUrl(url).entries(entries).overrideConfiguration(callLimit));
    List<String> done =
        answer.successful().stream().map(ChangeMessageVisibilityBatchResultEntry::id).toList();
    return refused(receipts.size(), done, answer.failed());
  }

  /**
   * What was refused of a batch, and what the answer does not mention at all: a proxy's empty 200
   * confirms nothing.
   */
  private static List<Refused> refused(
      int size, List<String> done, List<BatchResultErrorEntry> failed) {
    List<Refused> refused = new ArrayList<>(0);
    for (int i = 0; i < size; i++) {
      String id = Integer.toString(i);
      if (done.contains(id)) {
        continue;
      }
      int index = i;
      refused.add(
          failed.stream()
              .filter(f -> id.equals(f.id()))
              .findFirst()
              .map(f -> refused(index, f))
              .orElse(new Refused(i, "NoAnswer", "the answer does not mention it")));
    }
    return refused;
  }

  private static Refused refused(int index, BatchResultErrorEntry why) {
    return new Refused(
        index,
        why.code() == null ? "Unknown" : why.code(),
        why.message() == null ? "" : why.message());
  }

  private static Map<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>
      systemAttributes(@Nullable String traceHeader) {
    return traceHeader == null
        ? Map.of()
        : Map.of(
            MessageSystemAttributeNameForSends.AWS_TRACE_HEADER,
            MessageSystemAttributeValue.builder()
                .dataType("String")
                .stringValue(traceHeader)
                .build());
  }

  void changeVisibility(String url, String receipt, int seconds) {
    client.changeMessageVisibility(
        r ->
            r.queueUrl(url)
                .receiptHandle(receipt)
                .visibilityTimeout(seconds)
                .overrideConfiguration(callLimit));
  }

  void send(
      String url,
      String body,
      Map<String, MessageAttributeValue> attributes,
      @Nullable String traceHeader,
      @Nullable String group,
      @Nullable String deduplicationId) {
    client.sendMessage(
        r ->
            r.queueUrl(url)
                .messageBody(body)
                .messageAttributes(attributes)
                .messageSystemAttributes(systemAttributes(traceHeader))
                .messageGroupId(group)
                .messageDeduplicationId(deduplicationId)
                .overrideConfiguration(callLimit));
  }
}
