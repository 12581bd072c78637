package io.multisqs.testkit;

import static io.multisqs.testkit.SqsUnderTest.PASSES;
import static io.multisqs.testkit.SqsUnderTest.outcome;
import static java.util.stream.Collectors.joining;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.REDRIVE_POLICY;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.VISIBILITY_TIMEOUT;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/**
 * Where a service differs from AWS's documentation, or where that leaves room. Each row tells what
 * is documented, what each service does, and how to see it; both services' tests run all rows, and
 * the page {@code lib/docs/TESTKIT.md} shows them.
 */
@SuppressWarnings("ImmutableEnumChecker") // The functions hold nothing.
enum Difference {
  DELETE_BY_OUTDATED_HANDLE(
      "DeleteMessage, standard queue, receipt handle of an earlier receive",
      PASSES,
      PASSES,
      "ReceiptHandleIsInvalid",
      sqs -> {
        String url = sqs.createQueue("outdated", oneSecond());
        Message first = sentAndReceived(sqs, url);
        sqs.pass(Duration.ofSeconds(1));
        sqs.receive(url);
        return outcome(() -> sqs.delete(url, first));
      }),
  DELETE_TWICE(
      "DeleteMessage of a message that is deleted already",
      PASSES,
      PASSES,
      "ReceiptHandleIsInvalid",
      sqs -> {
        String url = sqs.createQueue("twice");
        Message message = sentAndReceived(sqs, url);
        sqs.delete(url, message);
        return outcome(() -> sqs.delete(url, message));
      }),
  DELETE_LATE_FIFO(
      "DeleteMessage, FIFO queue, after the visibility timeout",
      "InvalidParameterValue",
      "InvalidParameterValue",
      PASSES,
      sqs -> {
        String url = sqs.createQueue("late.fifo", oneSecond());
        sqs.sendTo("g", url, "m");
        Message message = sqs.receive(url).get(0);
        sqs.pass(Duration.ofSeconds(1));
        return outcome(() -> sqs.delete(url, message));
      }),
  CHANGE_LATE(
      "ChangeMessageVisibility after the visibility timeout",
      "AWS.SimpleQueueService.MessageNotInflight",
      "AWS.SimpleQueueService.MessageNotInflight",
      PASSES,
      sqs -> {
        String url = sqs.createQueue("late", oneSecond());
        Message message = sentAndReceived(sqs, url);
        sqs.pass(Duration.ofSeconds(1));
        return outcome(() -> sqs.changeVisibility(url, message, 30));
      }),
  CHANGE_BEYOND_12_HOURS(
      "ChangeMessageVisibility beyond 12 h from the receive",
      "InvalidParameterValue",
      "InvalidParameterValue",
      PASSES,
      sqs -> {
        String url = sqs.createQueue("twelve-hours");
        Message message = sentAndReceived(sqs, url);
        sqs.pass(Duration.ofSeconds(1));
        return outcome(() -> sqs.changeVisibility(url, message, 43_200));
      }),
  EMPTY_BATCH(
      "SendMessageBatch without entries",
      "AWS.SimpleQueueService.EmptyBatchRequest",
      "AWS.SimpleQueueService.EmptyBatchRequest",
      PASSES,
      sqs -> {
        String url = sqs.createQueue("empty-batch");
        return outcome(
            () -> sqs.client().sendMessageBatch(r -> r.queueUrl(url).entries(List.of())));
      }),
  LONG_BATCH(
      "SendMessageBatch of more than 1 MiB in all",
      "AWS.SimpleQueueService.BatchRequestTooLong",
      "AWS.SimpleQueueService.BatchRequestTooLong",
      "InvalidAttributeValue",
      sqs -> {
        String url = sqs.createQueue("long-batch");
        String half = String.join("", Collections.nCopies(600_000, "x"));
        return outcome(
            () ->
                sqs.client()
                    .sendMessageBatch(
                        r -> r.queueUrl(url).entries(entry("1", half), entry("2", half))));
      }),
  BATCH_ENTRY_ID(
      "SendMessageBatch with a blank in an entry's id",
      "AWS.SimpleQueueService.InvalidBatchEntryId",
      "AWS.SimpleQueueService.InvalidBatchEntryId",
      PASSES,
      sqs -> {
        String url = sqs.createQueue("entry-id");
        return outcome(
            () -> sqs.client().sendMessageBatch(r -> r.queueUrl(url).entries(entry("a b", "m"))));
      }),
  PURGE_TWICE(
      "PurgeQueue twice within 60 s",
      "AWS.SimpleQueueService.PurgeQueueInProgress",
      "AWS.SimpleQueueService.PurgeQueueInProgress",
      PASSES,
      sqs -> {
        String url = sqs.createQueue("purge");
        sqs.client().purgeQueue(r -> r.queueUrl(url));
        return outcome(() -> sqs.client().purgeQueue(r -> r.queueUrl(url)));
      }),
  CREATE_AFTER_DELETE(
      "CreateQueue within 60 s of the deletion of its namesake",
      "AWS.SimpleQueueService.QueueDeletedRecently",
      "AWS.SimpleQueueService.QueueDeletedRecently",
      PASSES,
      sqs -> {
        String url = sqs.createQueue("again");
        sqs.client().deleteQueue(r -> r.queueUrl(url));
        return outcome(() -> sqs.createQueue("again"));
      }),
  CREATE_WITH_OTHER_ATTRIBUTES(
      "CreateQueue of a queue that exists with other attributes",
      "QueueAlreadyExists",
      "QueueAlreadyExists",
      "QueueNameExists",
      sqs -> {
        sqs.createQueue("twin", oneSecond());
        return outcome(() -> sqs.createQueue("twin", Map.of(VISIBILITY_TIMEOUT, "2")));
      }),
  NO_SUCH_QUEUE(
      "ReceiveMessage from a queue that does not exist",
      "AWS.SimpleQueueService.NonExistentQueue",
      "AWS.SimpleQueueService.NonExistentQueue",
      "QueueDoesNotExist",
      sqs -> {
        String url = sqs.createQueue("there").replace("/there", "/not-there");
        return outcome(() -> sqs.receive(url));
      }),
  RECEIVE_ELEVEN(
      "ReceiveMessage for 11 messages",
      "InvalidParameterValue",
      "InvalidParameterValue",
      "InvalidAttributeValue",
      sqs -> {
        String url = sqs.createQueue("eleven");
        return outcome(() -> sqs.receive(url, 11));
      }),
  ATTEMPT_REPEATED(
      "ReceiveMessage repeated under its ReceiveRequestAttemptId gives the same receipt handle",
      "yes",
      "yes",
      "no",
      sqs -> {
        String url = sqs.createQueue("attempt.fifo");
        sqs.sendTo("g", url, "m");
        Message first = attempt(sqs, url);
        Message second = attempt(sqs, url);
        return first.receiptHandle().equals(second.receiptHandle()) ? "yes" : "no";
      }),
  LONG_MESSAGE(
      "SendMessage of more than 1 MiB",
      "InvalidParameterValue",
      "InvalidParameterValue",
      "InvalidAttributeValue",
      sqs -> {
        String url = sqs.createQueue("long");
        return outcome(() -> sqs.send(url, "x".repeat(1024 * 1024 + 1)));
      }),
  ATTRIBUTES_BY_PREFIX(
      "Message attributes that ReceiveMessage brings when asked for by a prefix",
      "those with the prefix",
      "those with the prefix",
      "none",
      sqs -> {
        String url = sqs.createQueue("prefix");
        MessageAttributeValue one =
            MessageAttributeValue.builder().dataType("String").stringValue("1").build();
        sqs.client()
            .sendMessage(
                r ->
                    r.queueUrl(url)
                        .messageBody("m")
                        .messageAttributes(Map.of("trace.id", one, "kind", one)));
        Set<String> names =
            sqs.client()
                .receiveMessage(r -> r.queueUrl(url).messageAttributeNames("trace.*"))
                .messages()
                .get(0)
                .messageAttributes()
                .keySet();
        return names.equals(Set.of("trace.id")) ? "those with the prefix" : "none";
      }),
  RECEIVE_COUNT_IN_DEAD_LETTER_QUEUE(
      "ApproximateReceiveCount at the first receive from the dead-letter queue, after one elsewhere",
      "not documented",
      "2",
      "2",
      sqs -> {
        String dead = sqs.createQueue("dead");
        String url = sqs.createQueue("alive", Map.of(REDRIVE_POLICY, redriveTo(sqs, dead)));
        Message message = sentAndReceived(sqs, url);
        sqs.changeVisibility(url, message, 0);
        sqs.receive(url);
        return sqs.client()
            .receiveMessage(
                r ->
                    r.queueUrl(dead)
                        .waitTimeSeconds(1)
                        .messageSystemAttributeNamesWithStrings("All"))
            .messages()
            .get(0)
            .attributesAsStrings()
            .getOrDefault("ApproximateReceiveCount", "none");
      }),
  SOURCES_AFTER_CREATE(
      "ListDeadLetterSourceQueues, redrive policy given to CreateQueue",
      "the source",
      "the source",
      "the source",
      sqs -> {
        String dead = sqs.createQueue("dead-of-created");
        sqs.createQueue("created", Map.of(REDRIVE_POLICY, redriveTo(sqs, dead)));
        return sources(sqs, dead);
      }),
  SOURCES_AFTER_SET(
      "ListDeadLetterSourceQueues, redrive policy set by SetQueueAttributes",
      "the source",
      "the source",
      "none",
      sqs -> {
        String dead = sqs.createQueue("dead-of-set");
        setRedrive(sqs, sqs.createQueue("set"), dead);
        return sources(sqs, dead);
      }),
  MOVE_AFTER_CREATE(
      "StartMessageMoveTask, redrive policy given to CreateQueue",
      PASSES,
      PASSES,
      PASSES,
      sqs -> {
        String dead = sqs.createQueue("dead-of-created");
        sqs.createQueue("created", Map.of(REDRIVE_POLICY, redriveTo(sqs, dead)));
        return outcome(() -> startMove(sqs, dead));
      }),
  MOVE_AFTER_SET(
      "StartMessageMoveTask, redrive policy set by SetQueueAttributes",
      PASSES,
      PASSES,
      "no answer",
      sqs -> {
        String dead = sqs.createQueue("dead-of-set");
        setRedrive(sqs, sqs.createQueue("set"), dead);
        // ElasticMQ answers with status 500 in the end, after some 20 s each time the SDK asks.
        try {
          return outcome(() -> startMove(sqs, dead));
        } catch (ApiCallTimeoutException e) {
          return "no answer";
        }
      });

  final String behaviour;
  final String documented;
  final String inMemory;
  final String elasticMq;
  private final Function<SqsUnderTest, String> seen;

  Difference(
      String behaviour,
      String documented,
      String inMemory,
      String elasticMq,
      Function<SqsUnderTest, String> seen) {
    this.behaviour = behaviour;
    this.documented = documented;
    this.inMemory = inMemory;
    this.elasticMq = elasticMq;
    this.seen = seen;
  }

  String seenOn(SqsUnderTest sqs) {
    return seen.apply(sqs);
  }

  /** The whole table as the page shows it. */
  static String table() {
    return Arrays.stream(values())
        .map(Difference::row)
        .collect(
            joining(
                "\n",
                "| what | documented | InMemorySqs | ElasticMQ |\n|---|---|---|---|\n",
                "\n"));
  }

  /** The row as the page shows it. */
  private String row() {
    return "| %s | %s | %s | %s |".formatted(behaviour, documented, inMemory, elasticMq);
  }

  private static Map<QueueAttributeName, String> oneSecond() {
    return Map.of(VISIBILITY_TIMEOUT, "1");
  }

  /** A policy that lets a message go to that queue instead of being received a second time. */
  private static String redriveTo(SqsUnderTest sqs, String deadUrl) {
    return "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":\"1\"}"
        .formatted(sqs.attribute(deadUrl, QueueAttributeName.QUEUE_ARN));
  }

  private static void setRedrive(SqsUnderTest sqs, String url, String deadUrl) {
    String policy = redriveTo(sqs, deadUrl);
    sqs.client()
        .setQueueAttributes(r -> r.queueUrl(url).attributes(Map.of(REDRIVE_POLICY, policy)));
  }

  private static String sources(SqsUnderTest sqs, String deadUrl) {
    return sqs.client().listDeadLetterSourceQueues(r -> r.queueUrl(deadUrl)).queueUrls().isEmpty()
        ? "none"
        : "the source";
  }

  private static void startMove(SqsUnderTest sqs, String deadUrl) {
    String arn = sqs.attribute(deadUrl, QueueAttributeName.QUEUE_ARN);
    sqs.client()
        .startMessageMoveTask(
            r ->
                r.sourceArn(arn)
                    .overrideConfiguration(o -> o.apiCallTimeout(Duration.ofSeconds(10))));
  }

  private static Message sentAndReceived(SqsUnderTest sqs, String url) {
    sqs.send(url, "m");
    return sqs.receive(url).get(0);
  }

  private static Message attempt(SqsUnderTest sqs, String url) {
    return sqs.client()
        .receiveMessage(r -> r.queueUrl(url).receiveRequestAttemptId("attempt"))
        .messages()
        .get(0);
  }

  private static SendMessageBatchRequestEntry entry(String id, String body) {
    return SendMessageBatchRequestEntry.builder().id(id).messageBody(body).build();
  }
}
