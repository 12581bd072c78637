package io.multisqs.testkit;

import static io.multisqs.testkit.SqsUnderTest.outcome;
import static org.assertj.core.api.Assertions.assertThat;
import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT;
import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName.MESSAGE_DEDUPLICATION_ID;
import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName.MESSAGE_GROUP_ID;
import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName.SENT_TIMESTAMP;
import static software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName.SEQUENCE_NUMBER;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.CONTENT_BASED_DEDUPLICATION;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.QUEUE_ARN;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.REDRIVE_POLICY;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.VISIBILITY_TIMEOUT;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

/** What both services do as AWS documents it; where they do not is {@link Difference}'s matter. */
interface SqsContract {

  SqsUnderTest sqs();

  /** What a row of the table of differences expects of this service. */
  String expected(Difference difference);

  @ParameterizedTest
  @EnumSource
  default void differsAsTheTableSays(Difference difference) {
    assertThat(difference.seenOn(sqs())).isEqualTo(expected(difference));
  }

  @Test
  default void sentMessageIsReceivedWhole() {
    String url = sqs().createQueue("whole");
    SendMessageResponse sent =
        sqs()
            .client()
            .sendMessage(
                r ->
                    r.queueUrl(url)
                        .messageBody("hällo")
                        .messageAttributes(Map.of("kind", string("greeting"))));
    Message received = sqs().receive(url).get(0);
    assertThat(received.body()).isEqualTo("hällo");
    assertThat(received.messageId()).isEqualTo(sent.messageId());
    assertThat(received.md5OfBody()).isEqualTo(sent.md5OfMessageBody());
    assertThat(received.md5OfMessageAttributes()).isEqualTo(sent.md5OfMessageAttributes());
    assertThat(received.messageAttributes()).containsOnly(Map.entry("kind", string("greeting")));
    assertThat(received.attributes())
        .containsEntry(APPROXIMATE_RECEIVE_COUNT, "1")
        .containsKey(SENT_TIMESTAMP);
  }

  @Test
  default void attributesComeOnlyWhenAskedFor() {
    String url = sqs().createQueue("attributes");
    sqs()
        .client()
        .sendMessage(
            r ->
                r.queueUrl(url)
                    .messageBody("m")
                    .messageAttributes(
                        Map.of("a", string("1"), "b", string("2"), "c", string("3"))));
    assertThat(attributeNames(url)).isEmpty();
    assertThat(attributeNames(url, "b")).containsExactly("b");
    assertThat(attributeNames(url, "a", "c")).containsExactlyInAnyOrder("a", "c");
    assertThat(attributeNames(url, "All")).containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  default void receivedMessageComesBackAfterItsVisibilityTimeout() {
    String url = sqs().createQueue("timeout", Map.of(VISIBILITY_TIMEOUT, "1"));
    sqs().send(url, "m");
    assertThat(sqs().receive(url)).hasSize(1);
    assertThat(sqs().receive(url)).isEmpty();
    sqs().pass(Duration.ofSeconds(1));
    assertThat(sqs().receive(url))
        .extracting(message -> message.attributes().get(APPROXIMATE_RECEIVE_COUNT))
        .containsExactly("2");
  }

  @Test
  default void extendedMessageStaysInvisible() {
    String url = sqs().createQueue("extend", Map.of(VISIBILITY_TIMEOUT, "1"));
    sqs().send(url, "m");
    sqs().changeVisibility(url, sqs().receive(url).get(0), 30);
    sqs().pass(Duration.ofSeconds(1));
    assertThat(sqs().receive(url)).isEmpty();
  }

  @Test
  default void releasedMessageIsVisibleAtOnce() {
    String url = sqs().createQueue("release");
    sqs().send(url, "m");
    sqs().changeVisibility(url, sqs().receive(url).get(0), 0);
    assertThat(sqs().receive(url)).hasSize(1);
  }

  @Test
  default void deletedMessageIsGone() {
    String url = sqs().createQueue("delete", Map.of(VISIBILITY_TIMEOUT, "1"));
    sqs().send(url, "m");
    sqs().delete(url, sqs().receive(url).get(0));
    sqs().pass(Duration.ofSeconds(1));
    assertThat(sqs().receive(url)).isEmpty();
  }

  @Test
  default void delayedMessageIsInvisibleAtFirst() {
    String url = sqs().createQueue("delayed");
    sqs().client().sendMessage(r -> r.queueUrl(url).messageBody("m").delaySeconds(1));
    assertThat(sqs().receive(url)).isEmpty();
    assertThat(sqs().attribute(url, APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED)).isEqualTo("1");
    sqs().pass(Duration.ofSeconds(1));
    assertThat(sqs().receive(url)).hasSize(1);
  }

  @Test
  default void queueCountsItsMessages() {
    String url = sqs().createQueue("counts");
    sqs().send(url, "a", "b", "c");
    sqs().receive(url, 1);
    assertThat(sqs().attribute(url, APPROXIMATE_NUMBER_OF_MESSAGES)).isEqualTo("2");
    assertThat(sqs().attribute(url, APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE)).isEqualTo("1");
  }

  @Test
  default void batchesOfTenWork() {
    String url = sqs().createQueue("batches");
    List<SendMessageBatchRequestEntry> entries =
        IntStream.range(0, 10)
            .mapToObj(i -> SendMessageBatchRequestEntry.builder().id("e" + i).messageBody("m" + i))
            .map(SendMessageBatchRequestEntry.Builder::build)
            .toList();
    assertThat(sqs().client().sendMessageBatch(r -> r.queueUrl(url).entries(entries)).successful())
        .hasSize(10);
    List<Message> received = sqs().receive(url);
    assertThat(received).hasSize(10);
    List<ChangeMessageVisibilityBatchRequestEntry> released = new ArrayList<>();
    for (Message message : received) {
      released.add(
          ChangeMessageVisibilityBatchRequestEntry.builder()
              .id("r" + released.size())
              .receiptHandle(message.receiptHandle())
              .visibilityTimeout(0)
              .build());
    }
    assertThat(
            sqs()
                .client()
                .changeMessageVisibilityBatch(r -> r.queueUrl(url).entries(released))
                .failed())
        .isEmpty();
    DeleteMessageBatchResponse deleted = deleteBatch(url, sqs().receive(url));
    assertThat(deleted.successful()).hasSize(10);
    assertThat(sqs().attribute(url, APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE)).isEqualTo("0");
  }

  @Test
  default void oneBadEntryFailsAlone() {
    String url = sqs().createQueue("bad-entry");
    sqs().send(url, "m");
    Message good = sqs().receive(url).get(0);
    Message bad = good.toBuilder().receiptHandle("no handle").build();
    DeleteMessageBatchResponse response = deleteBatch(url, List.of(good, bad));
    assertThat(response.successful())
        .extracting(DeleteMessageBatchResultEntry::id)
        .containsExactly("d0");
    assertThat(response.failed()).extracting(BatchResultErrorEntry::id).containsExactly("d1");
    assertThat(response.failed()).extracting(BatchResultErrorEntry::senderFault).containsOnly(true);
  }

  @Test
  default void batchIdsAreDistinct() {
    String url = sqs().createQueue("distinct");
    SendMessageBatchRequestEntry entry =
        SendMessageBatchRequestEntry.builder().id("same").messageBody("m").build();
    assertThat(
            outcome(
                () -> sqs().client().sendMessageBatch(r -> r.queueUrl(url).entries(entry, entry))))
        .endsWith("BatchEntryIdsNotDistinct");
  }

  @Test
  default void batchHasTenEntriesAtMost() {
    String url = sqs().createQueue("eleven-entries");
    List<SendMessageBatchRequestEntry> entries =
        IntStream.range(0, 11)
            .mapToObj(i -> SendMessageBatchRequestEntry.builder().id("e" + i).messageBody("m"))
            .map(SendMessageBatchRequestEntry.Builder::build)
            .toList();
    assertThat(
            outcome(() -> sqs().client().sendMessageBatch(r -> r.queueUrl(url).entries(entries))))
        .endsWith("TooManyEntriesInBatchRequest");
  }

  @Test
  default void messageHasOneMebibyteAtMost() {
    String url = sqs().createQueue("size");
    sqs().send(url, "x".repeat(1024 * 1024));
    assertThat(outcome(() -> sqs().send(url, "x".repeat(1024 * 1024 + 1)))).startsWith("Invalid");
  }

  @Test
  default void handleOfNobodyIsRefused() {
    String url = sqs().createQueue("handles");
    String other = sqs().createQueue("other-handles");
    sqs().send(other, "m");
    Message ofOther = sqs().receive(other).get(0);
    Message ofNobody = ofOther.toBuilder().receiptHandle("no handle").build();
    assertThat(outcome(() -> sqs().delete(url, ofNobody))).isEqualTo("ReceiptHandleIsInvalid");
    assertThat(outcome(() -> sqs().delete(url, ofOther))).isEqualTo("ReceiptHandleIsInvalid");
  }

  @Test
  default void standardQueueRefusesWhatIsForFifoQueues() {
    String url = sqs().createQueue("standard");
    assertThat(sending(r -> r.queueUrl(url).messageDeduplicationId("d")))
        .isEqualTo("InvalidParameterValue");
    assertThat(sending(r -> r.queueUrl(url).delaySeconds(901))).isEqualTo("InvalidParameterValue");
  }

  @Test
  default void standardQueueTakesAGroupForFairness() {
    String url = sqs().createQueue("fair");
    assertThat(sending(r -> r.queueUrl(url).messageGroupId("tenant"))).isEqualTo("passes");
    assertThat(sending(r -> r.queueUrl(url).messageGroupId("tenant"))).isEqualTo("passes");
    assertThat(sqs().receive(url, 1)).hasSize(1);
    // No order is kept, so the first in flight holds nobody.
    assertThat(sqs().receive(url, 1)).hasSize(1);
  }

  @Test
  default void fifoQueueRefusesWhatItCannotOrder() {
    String url = sqs().createQueue("strict.fifo");
    assertThat(sending(r -> r.queueUrl(url).messageDeduplicationId("d")))
        .isEqualTo("MissingParameter");
    assertThat(sending(r -> r.queueUrl(url).messageGroupId("g")))
        .isEqualTo("InvalidParameterValue");
    assertThat(
            sending(
                r ->
                    r.queueUrl(url)
                        .messageGroupId("g")
                        .messageDeduplicationId("d")
                        .delaySeconds(5)))
        .isEqualTo("InvalidParameterValue");
  }

  @Test
  default void longPollBringsWhatIsSentMeanwhile() throws Exception {
    String url = sqs().createQueue("long-poll");
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<List<Message>> poll =
          thread.submit(
              () ->
                  sqs()
                      .client()
                      .receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(20))
                      .messages());
      sqs().send(url, "m");
      assertThat(poll.get(15, TimeUnit.SECONDS)).hasSize(1);
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  default void messageReceivedTooOftenGoesToTheDeadLetterQueue() {
    String dead = sqs().createQueue("dead-letters");
    String policy =
        "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":2}"
            .formatted(sqs().attribute(dead, QUEUE_ARN));
    String url = sqs().createQueue("alive-ones", Map.of(REDRIVE_POLICY, policy));
    sqs().send(url, "poison");
    for (int i = 0; i < 2; i++) {
      sqs().changeVisibility(url, sqs().receive(url).get(0), 0);
    }
    assertThat(sqs().receive(url)).isEmpty();
    assertThat(sqs().client().receiveMessage(r -> r.queueUrl(dead).waitTimeSeconds(1)).messages())
        .extracting(Message::body)
        .containsExactly("poison");
  }

  @Test
  default void purgedQueueIsEmpty() {
    String url = sqs().createQueue("purged");
    sqs().send(url, "a", "b");
    sqs().receive(url, 1);
    sqs().client().purgeQueue(r -> r.queueUrl(url));
    assertThat(sqs().attribute(url, APPROXIMATE_NUMBER_OF_MESSAGES)).isEqualTo("0");
    assertThat(sqs().attribute(url, APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE)).isEqualTo("0");
  }

  @Test
  default void queuesAreFoundByNameAndListed() {
    String orders = sqs().createQueue("list-orders");
    String invoices = sqs().createQueue("list-invoices");
    assertThat(sqs().client().getQueueUrl(r -> r.queueName("list-orders")).queueUrl())
        .isEqualTo(orders);
    assertThat(sqs().client().listQueues(r -> r.queueNamePrefix("list-")).queueUrls())
        .containsExactlyInAnyOrder(orders, invoices);
    sqs().client().deleteQueue(r -> r.queueUrl(orders));
    assertThat(sqs().client().listQueues(r -> r.queueNamePrefix("list-")).queueUrls())
        .containsExactly(invoices);
  }

  @Test
  default void groupIsServedInOrderAndLockedWhileInFlight() {
    String url = sqs().createQueue("groups.fifo");
    sqs().sendTo("a", url, "a1", "a2", "a3");
    sqs().sendTo("b", url, "b1");
    Message first = sqs().receive(url, 1).get(0);
    assertThat(first.body()).isEqualTo("a1");
    assertThat(first.attributes())
        .containsEntry(MESSAGE_GROUP_ID, "a")
        .containsEntry(MESSAGE_DEDUPLICATION_ID, "a1");
    assertThat(bodies(sqs().receive(url))).containsExactly("b1");
    sqs().delete(url, first);
    List<Message> rest = sqs().receive(url);
    assertThat(bodies(rest)).containsExactly("a2", "a3");
    assertThat(sequence(rest.get(0))).isLessThan(sequence(rest.get(1)));
  }

  @Test
  default void releasedMessagesOfAGroupComeBackInOrder() {
    String url = sqs().createQueue("back.fifo");
    sqs().sendTo("g", url, "1", "2", "3");
    List<Message> received = sqs().receive(url);
    assertThat(bodies(received)).containsExactly("1", "2", "3");
    for (int i = 2; i >= 0; i--) {
      sqs().changeVisibility(url, received.get(i), 0);
    }
    assertThat(bodies(sqs().receive(url))).containsExactly("1", "2", "3");
  }

  @Test
  default void sameDeduplicationIdIsTakenOnce() {
    String url = sqs().createQueue("once.fifo");
    sqs().sendTo("g", url, "m", "m");
    List<Message> received = sqs().receive(url);
    assertThat(received).hasSize(1);
    sqs().delete(url, received.get(0));
    sqs().sendTo("g", url, "m");
    assertThat(sqs().receive(url)).isEmpty();
  }

  @Test
  default void sameContentIsTakenOnceIfSoSet() {
    String url = sqs().createQueue("content.fifo", Map.of(CONTENT_BASED_DEDUPLICATION, "true"));
    for (String body : List.of("m", "m", "n")) {
      sqs().client().sendMessage(r -> r.queueUrl(url).messageBody(body).messageGroupId("g"));
    }
    assertThat(bodies(sqs().receive(url))).containsExactly("m", "n");
  }

  private String sending(Consumer<SendMessageRequest.Builder> request) {
    return outcome(() -> sqs().client().sendMessage(r -> request.accept(r.messageBody("m"))));
  }

  private List<String> attributeNames(String url, String... asked) {
    Message message =
        sqs()
            .client()
            .receiveMessage(r -> r.queueUrl(url).messageAttributeNames(asked).visibilityTimeout(0))
            .messages()
            .get(0);
    return List.copyOf(message.messageAttributes().keySet());
  }

  private DeleteMessageBatchResponse deleteBatch(String url, List<Message> messages) {
    List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>();
    for (Message message : messages) {
      entries.add(
          DeleteMessageBatchRequestEntry.builder()
              .id("d" + entries.size())
              .receiptHandle(message.receiptHandle())
              .build());
    }
    return sqs().client().deleteMessageBatch(r -> r.queueUrl(url).entries(entries));
  }

  private static List<String> bodies(List<Message> messages) {
    return messages.stream().map(Message::body).toList();
  }

  private static BigInteger sequence(Message message) {
    return new BigInteger(message.attributes().get(SEQUENCE_NUMBER));
  }

  private static MessageAttributeValue string(String value) {
    return MessageAttributeValue.builder().dataType("String").stringValue(value).build();
  }
}
