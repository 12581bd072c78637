package io.multisqs.benchmarks.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchEntryIdsNotDistinctException;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.EmptyBatchRequestException;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageNotInflightException;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.ReceiptHandleIsInvalidException;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

class WireSqsTest {
  private static final SdkAsyncHttpClient HTTP = NettyNioAsyncHttpClient.create();

  private final WireSqs server = WireSqs.start(WireSqsOptions.defaults());
  private final SqsClient sqs =
      SqsClient.builder()
          .endpointOverride(server.endpoint())
          .region(Region.US_EAST_1)
          .credentialsProvider(AnonymousCredentialsProvider.create())
          .build();
  private final SqsAsyncClient async =
      SqsAsyncClient.builder()
          .httpClient(HTTP)
          .endpointOverride(server.endpoint())
          .region(Region.US_EAST_1)
          .credentialsProvider(AnonymousCredentialsProvider.create())
          .build();
  private String url = "";

  @BeforeEach
  void createQueue() {
    url =
        sqs.createQueue(
                r ->
                    r.queueName("q")
                        .attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "30")))
            .queueUrl();
  }

  @AfterEach
  void close() {
    sqs.close();
    async.close();
    server.close();
  }

  @AfterAll
  static void closeHttp() {
    HTTP.close();
  }

  @Test
  void urlOfAQueueIsWhatCreatingItReturned() {
    assertThat(sqs.getQueueUrl(r -> r.queueName("q")).queueUrl())
        .isEqualTo(url)
        .isEqualTo(server.queueUrl("q"));
  }

  @Test
  void missingQueueIsReportedAsTheSdkKnowsIt() {
    assertThatThrownBy(() -> sqs.getQueueUrl(r -> r.queueName("none")))
        .isInstanceOf(QueueDoesNotExistException.class)
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> sqs.receiveMessage(r -> r.queueUrl(server.queueUrl("none"))))
        .isInstanceOfSatisfying(
            QueueDoesNotExistException.class,
            e ->
                assertThat(e.awsErrorDetails().errorCode())
                    .isEqualTo("AWS.SimpleQueueService.NonExistentQueue"));
  }

  @Test
  void bodyArrivesUnchangedWithTheSumsThatTheSdkChecks() {
    String body = "{\"grüße\": \"日本 😀\", \"path\": \"c:\\\\x\"}\n\t</end>";
    String id = sqs.sendMessage(r -> r.queueUrl(url).messageBody(body)).messageId();
    Message message = receive(1, 0).get(0);
    assertThat(message.body()).isEqualTo(body);
    assertThat(message.messageId()).isEqualTo(id);
    assertThat(message.md5OfBody()).hasSize(32);
  }

  @Test
  void bodySentInProcessArrivesUnchanged() {
    String body = "quote \" backslash \\ umlaut ü control \u0001";
    server.send("q", body);
    assertThat(receive(1, 0).get(0).body()).isEqualTo(body);
  }

  @Test
  void batchOfTenIsSentReceivedAndDeleted() {
    var sent =
        sqs.sendMessageBatch(
            r ->
                r.queueUrl(url)
                    .entries(
                        IntStream.range(0, 10).mapToObj(i -> sending("e" + i, "m" + i)).toList()));
    assertThat(sent.successful()).hasSize(10);
    List<Message> messages = receive(10, 0);
    assertThat(messages)
        .extracting(Message::body)
        .containsExactly("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9");
    var deleted =
        sqs.deleteMessageBatch(
            r ->
                r.queueUrl(url)
                    .entries(
                        messages.stream()
                            .map(m -> deletion(m.messageId(), m.receiptHandle()))
                            .toList()));
    assertThat(deleted.successful()).hasSize(10);
    assertThat(server.visible("q") + server.invisible("q")).isZero();
  }

  @Test
  void batchReportsTheEntriesThatFailBesideThoseThatDoNot() {
    server.send("q", "one");
    Message message = receive(1, 0).get(0);
    var answer =
        sqs.deleteMessageBatch(
            r ->
                r.queueUrl(url)
                    .entries(
                        List.of(
                            deletion("good", message.receiptHandle()),
                            deletion("bad", "nonsense"))));
    assertThat(answer.successful()).extracting(e -> e.id()).containsExactly("good");
    assertThat(answer.failed()).extracting(e -> e.id()).containsExactly("bad");
    assertThat(answer.failed().get(0).code()).isEqualTo("ReceiptHandleIsInvalid");
  }

  @Test
  void malformedBatchesAreRefusedAsAWhole() {
    assertThatThrownBy(() -> sqs.deleteMessageBatch(r -> r.queueUrl(url).entries(List.of())))
        .isInstanceOf(EmptyBatchRequestException.class);
    assertThatThrownBy(
            () ->
                sqs.sendMessageBatch(
                    r ->
                        r.queueUrl(url)
                            .entries(List.of(sending("same", "a"), sending("same", "b")))))
        .isInstanceOf(BatchEntryIdsNotDistinctException.class);
    assertThat(server.visible("q")).isZero();
  }

  @Test
  void systemAttributesAreGivenWhenAskedFor() {
    long before = System.currentTimeMillis();
    server.send("q", "x");
    Message message =
        sqs.receiveMessage(
                r ->
                    r.queueUrl(url)
                        .messageSystemAttributeNames(
                            MessageSystemAttributeName.SENT_TIMESTAMP,
                            MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT))
            .messages()
            .get(0);
    assertThat(message.attributes())
        .containsEntry(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "1")
        .hasSize(2);
    assertThat(Long.parseLong(message.attributes().get(MessageSystemAttributeName.SENT_TIMESTAMP)))
        .isBetween(before, System.currentTimeMillis());
    server.send("q", "y");
    assertThat(receive(1, 0).get(0).attributes()).isEmpty();
  }

  @Test
  void visibilityZeroGivesAMessageBackWithItsCountRaised() {
    server.send("q", "x");
    Message first = receive(1, 0).get(0);
    assertThat(receive(1, 0)).isEmpty();
    sqs.changeMessageVisibility(
        r -> r.queueUrl(url).receiptHandle(first.receiptHandle()).visibilityTimeout(0));
    Message second =
        sqs.receiveMessage(
                r -> r.queueUrl(url).messageSystemAttributeNames(MessageSystemAttributeName.ALL))
            .messages()
            .get(0);
    assertThat(second.messageId()).isEqualTo(first.messageId());
    assertThat(second.receiptHandle()).isNotEqualTo(first.receiptHandle());
    assertThat(second.attributes())
        .containsEntry(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "2");
  }

  @Test
  void messageReturnsWhenItsVisibilityTimeoutRunsOut() {
    WireSqs.Sent sent = server.send("q", "x");
    sqs.receiveMessage(r -> r.queueUrl(url).visibilityTimeout(1));
    List<Message> again = receive(1, 20);
    assertThat(again).extracting(Message::messageId).containsExactly(sent.messageId());
    assertThat(server.visibleAtNanos(sent.messageId()) - sent.visibleAtNanos())
        .isGreaterThanOrEqualTo(Duration.ofSeconds(1).toNanos());
  }

  @Test
  void extensionInABatchKeepsAMessageInvisible() {
    server.send("q", "kept");
    server.send("q", "returned");
    List<Message> both =
        sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10).visibilityTimeout(1))
            .messages();
    var answer =
        sqs.changeMessageVisibilityBatch(
            r ->
                r.queueUrl(url)
                    .entries(
                        List.of(
                            ChangeMessageVisibilityBatchRequestEntry.builder()
                                .id("a")
                                .receiptHandle(both.get(0).receiptHandle())
                                .visibilityTimeout(600)
                                .build())));
    assertThat(answer.successful()).hasSize(1);
    assertThat(receive(10, 20)).extracting(Message::body).containsExactly("returned");
    assertThat(server.invisible("q")).isEqualTo(2);
  }

  @Test
  void handleOfAnEarlierReceiveDeletesNothingAndAnInvalidOneIsRefused() {
    server.send("q", "x");
    Message first = receive(1, 0).get(0);
    sqs.changeMessageVisibility(
        r -> r.queueUrl(url).receiptHandle(first.receiptHandle()).visibilityTimeout(0));
    receive(1, 0);
    sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(first.receiptHandle()));
    assertThat(server.invisible("q")).isEqualTo(1);
    assertThatThrownBy(() -> sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle("nonsense")))
        .isInstanceOf(ReceiptHandleIsInvalidException.class);
    assertThatThrownBy(
            () ->
                sqs.changeMessageVisibility(
                    r -> r.queueUrl(url).receiptHandle(first.receiptHandle()).visibilityTimeout(9)))
        .isInstanceOf(MessageNotInflightException.class);
  }

  @Test
  void deletedMessageThatHadBecomeVisibleAgainIsNotHandedOut() {
    server.send("q", "x");
    server.send("q", "y");
    Message message = receive(1, 0).get(0);
    sqs.changeMessageVisibility(
        r -> r.queueUrl(url).receiptHandle(message.receiptHandle()).visibilityTimeout(0));
    sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
    assertThat(server.visible("q")).isEqualTo(1);
    assertThat(receive(10, 0)).extracting(Message::body).containsExactly("y");
  }

  @Test
  void longPollWakesWhenSomethingIsSent() {
    CompletableFuture<ReceiveMessageResponse> poll =
        async.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(20).maxNumberOfMessages(10));
    await().until(() -> server.requests().get("ReceiveMessage") == 1);
    assertThat(poll).isNotDone();
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("wake up"));
    assertThat(poll.join().messages()).extracting(Message::body).containsExactly("wake up");
  }

  @Test
  void longPollThatFindsNothingEndsEmpty() {
    assertThat(async.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(1)).join().messages())
        .isEmpty();
  }

  @Test
  void pollWhoseClientWentAwayTakesNoMessage() {
    CompletableFuture<ReceiveMessageResponse> poll =
        async.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(20));
    await().until(() -> server.requests().get("ReceiveMessage") == 1);
    poll.cancel(true);
    await()
        .untilAsserted(
            () -> {
              server.send("q", "x");
              assertThat(receive(1, 0)).isNotEmpty();
            });
  }

  @Test
  void burstWakesWaitingPollsAndCarriesItsTime() {
    CompletableFuture<ReceiveMessageResponse> poll =
        async.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(20).maxNumberOfMessages(10));
    await().until(() -> server.requests().get("ReceiveMessage") == 1);
    long at = System.nanoTime() + Duration.ofMillis(50).toNanos();
    server.burst("q", 12, 64, at);
    List<Message> messages = poll.join().messages();
    assertThat(messages).hasSize(10);
    assertThat(server.visible("q")).isEqualTo(2);
    String body = messages.get(0).body();
    assertThat(body).hasSize(64);
    assertThat(Long.parseLong(body.substring(0, body.indexOf(' ')))).isGreaterThanOrEqualTo(at);
  }

  @Test
  void preloadedMessagesShareTheirBodyButNotTheirIds() {
    server.preload("q", 1000, 1024);
    List<Message> messages = receive(10, 0);
    assertThat(messages).extracting(Message::messageId).doesNotHaveDuplicates();
    assertThat(messages.get(0).body()).hasSize(1024);
    assertThat(server.visible("q")).isEqualTo(990);
  }

  @Test
  void bodiesOfAQuarterMebibyteGoThroughTenAtATime() {
    server.preload("q", 10, 256 * 1024);
    assertThat(receive(10, 0)).allSatisfy(m -> assertThat(m.body()).hasSize(256 * 1024));
    String large = "y".repeat(1024 * 1024);
    sqs.sendMessage(r -> r.queueUrl(url).messageBody(large));
    assertThat(receive(10, 0).get(0).body()).isEqualTo(large);
  }

  @Test
  void attributesCountWhatIsVisibleAndWhatIsNot() {
    server.preload("q", 3, 10);
    receive(1, 0);
    sqs.setQueueAttributes(
        r -> r.queueUrl(url).attributes(Map.of(QueueAttributeName.REDRIVE_POLICY, "{\"x\":1}")));
    assertThat(
            sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributeName.ALL))
                .attributes())
        .containsEntry(QueueAttributeName.VISIBILITY_TIMEOUT, "30")
        .containsEntry(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, "2")
        .containsEntry(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE, "1")
        .containsEntry(QueueAttributeName.REDRIVE_POLICY, "{\"x\":1}")
        .containsEntry(QueueAttributeName.QUEUE_ARN, "arn:aws:sqs:us-east-1:000000000000:q")
        .doesNotContainKey(QueueAttributeName.FIFO_QUEUE);
    assertThat(
            sqs.getQueueAttributes(
                    r -> r.queueUrl(url).attributeNames(QueueAttributeName.VISIBILITY_TIMEOUT))
                .attributes())
        .hasSize(1);
  }

  @Test
  void purgeLeavesNothing() {
    server.preload("q", 5, 10);
    receive(2, 0);
    sqs.purgeQueue(r -> r.queueUrl(url));
    assertThat(server.visible("q") + server.invisible("q")).isZero();
  }

  @Test
  void delayedMessageAppearsLater() {
    String id =
        sqs.sendMessage(r -> r.queueUrl(url).messageBody("later").delaySeconds(1)).messageId();
    assertThat(server.visible("q")).isZero();
    assertThat(receive(1, 20)).extracting(Message::messageId).containsExactly(id);
  }

  @Test
  void latencyLiesHalfBeforeTheEffectAndHalfAfter() {
    Duration latency = Duration.ofMillis(200);
    server.send("q", "x");
    server.latency(latency, Duration.ZERO);
    long before = System.nanoTime();
    Message message = receive(1, 0).get(0);
    long after = System.nanoTime();
    long handedOut = server.handedOutAtNanos(message.messageId());
    assertThat(handedOut - before).isGreaterThanOrEqualTo(latency.toNanos() / 2);
    assertThat(after - handedOut).isGreaterThanOrEqualTo(latency.toNanos() / 2);
  }

  @Test
  void jitterKeepsARoundTripWithinItsBounds() {
    server.latency(Duration.ofMillis(20), Duration.ofMillis(10));
    for (int i = 0; i < 10; i++) {
      long before = System.nanoTime();
      receive(1, 0);
      assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(10_000_000L);
    }
    assertThatThrownBy(() -> server.latency(Duration.ofMillis(1), Duration.ofMillis(2)))
        .hasMessageContaining("jitter not exceed it");
  }

  @Test
  void journalTellsWhenAMessageWasVisibleHandedOutAndDeleted() {
    WireSqs.Sent sent = server.send("q", "x");
    assertThat(server.visibleAtNanos(sent.messageId())).isEqualTo(sent.visibleAtNanos());
    assertThat(server.handedOutAtNanos(sent.messageId())).isZero();
    Message message = receive(1, 0).get(0);
    assertThat(server.handedOutAtNanos(sent.messageId())).isGreaterThan(sent.visibleAtNanos());
    assertThat(server.deletedAtNanos(sent.messageId())).isZero();
    sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
    assertThat(server.deletedAtNanos(sent.messageId()))
        .isGreaterThan(server.handedOutAtNanos(sent.messageId()));
  }

  @Test
  void requestsAreCountedByAction() {
    server.resetCounts();
    receive(1, 0);
    receive(1, 0);
    async.getQueueUrl(r -> r.queueName("q")).join();
    assertThat(server.requests())
        .containsEntry("ReceiveMessage", 2L)
        .containsEntry("GetQueueUrl", 1L)
        .containsEntry("SendMessage", 0L);
  }

  @Test
  void messageAttributesAreRefusedSinceTheyAreNotServed() {
    assertThatThrownBy(
            () ->
                sqs.sendMessage(
                    r ->
                        r.queueUrl(url)
                            .messageBody("x")
                            .messageAttributes(
                                Map.of(
                                    "a",
                                    MessageAttributeValue.builder()
                                        .dataType("String")
                                        .stringValue("v")
                                        .build()))))
        .hasMessageContaining("not served here");
  }

  private List<Message> receive(int max, int waitSeconds) {
    return sqs.receiveMessage(
            r -> r.queueUrl(url).maxNumberOfMessages(max).waitTimeSeconds(waitSeconds))
        .messages();
  }

  private static SendMessageBatchRequestEntry sending(String id, String body) {
    return SendMessageBatchRequestEntry.builder().id(id).messageBody(body).build();
  }

  private static DeleteMessageBatchRequestEntry deletion(String id, String receiptHandle) {
    return DeleteMessageBatchRequestEntry.builder().id(id).receiptHandle(receiptHandle).build();
  }
}
