package io.multisqs.testkit;

import static io.multisqs.testkit.MessageEvent.Kind.ARRIVED;
import static io.multisqs.testkit.MessageEvent.Kind.DELETED;
import static io.multisqs.testkit.MessageEvent.Kind.MOVED;
import static io.multisqs.testkit.MessageEvent.Kind.RECEIVED;
import static io.multisqs.testkit.MessageEvent.Kind.VISIBLE;
import static io.multisqs.testkit.SqsUnderTest.PASSES;
import static io.multisqs.testkit.SqsUnderTest.outcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.DEDUPLICATION_SCOPE;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.REDRIVE_POLICY;
import static software.amazon.awssdk.services.sqs.model.QueueAttributeName.VISIBILITY_TIMEOUT;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.OverLimitException;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** What needs a clock that can be moved by hours, or a look inside. */
class InMemorySqsTest {

  private final VirtualTime time = new VirtualTime();
  private final InMemorySqs sqs = new InMemorySqs(time);
  private final String url = sqs.createQueue("orders");

  @Test
  void eventsTellTheExactTimeOfEachStep() {
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("m").delaySeconds(5));
    time.advance(Duration.ofSeconds(7));
    receive(url);
    time.advance(Duration.ofSeconds(100));
    Message again = receive(url).get(0);
    sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(again.receiptHandle()));
    assertThat(sqs.events())
        .extracting(
            MessageEvent::kind,
            event -> Duration.ofNanos(event.nanoTime()).toSeconds(),
            MessageEvent::receiveCount)
        .containsExactly(
            tuple(ARRIVED, 0L, 0),
            tuple(VISIBLE, 5L, 0),
            tuple(RECEIVED, 7L, 1),
            tuple(VISIBLE, 37L, 1),
            tuple(RECEIVED, 107L, 2),
            tuple(DELETED, 107L, 2));
  }

  @Test
  void messagesAreSeenInEachState() {
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("received"));
    receive(url);
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("delayed").delaySeconds(5));
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("there"));
    assertThat(sqs.messages("orders"))
        .extracting(QueuedMessage::body, QueuedMessage::state, QueuedMessage::receiveCount)
        .containsExactly(
            tuple("received", QueuedMessage.State.IN_FLIGHT, 1),
            tuple("delayed", QueuedMessage.State.DELAYED, 0),
            tuple("there", QueuedMessage.State.VISIBLE, 0));
    assertThat(sqs.visible("orders")).isEqualTo(1);
    assertThat(sqs.inFlight("orders")).isEqualTo(1);
    assertThat(sqs.delayed("orders")).isEqualTo(1);
  }

  @Test
  void visibilityEndsTwelveHoursAfterTheReceive() {
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("m"));
    Message message = receive(url).get(0);
    for (int hour = 0; hour < 11; hour++) {
      assertThat(outcome(() -> change(url, message, 3_660))).isEqualTo(PASSES);
      time.advance(Duration.ofHours(1));
    }
    assertThat(outcome(() -> change(url, message, 3_601))).isEqualTo("InvalidParameterValue");
    assertThat(outcome(() -> change(url, message, 3_600))).isEqualTo(PASSES);
  }

  @Test
  void deduplicationEndsAfterFiveMinutes() {
    String fifo = sqs.createQueue("once.fifo");
    sendFifo(fifo, "g", "id");
    time.advance(Duration.ofMinutes(5).minusNanos(1));
    sendFifo(fifo, "g", "id");
    assertThat(sqs.messages("once.fifo")).hasSize(1);
    time.advance(Duration.ofNanos(1));
    sendFifo(fifo, "g", "id");
    assertThat(sqs.messages("once.fifo")).hasSize(2);
  }

  @Test
  void deduplicationMayBeOfEachGroup() {
    String fifo = sqs.createQueue("groups.fifo", Map.of(DEDUPLICATION_SCOPE, "messageGroup"));
    sendFifo(fifo, "a", "id");
    sendFifo(fifo, "b", "id");
    sendFifo(fifo, "b", "id");
    assertThat(sqs.messages("groups.fifo")).hasSize(2);
  }

  @Test
  void moreThanTheLimitInFlightIsRefused() {
    fillInFlight(url, 120_000);
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("one too many"));
    assertThatThrownBy(() -> receive(url)).isInstanceOf(OverLimitException.class);
  }

  @Test
  void deadLetteredMessageKeepsItsPastAndNamesItsSource() {
    String dead = sqs.createQueue("dead");
    String alive =
        sqs.createQueue(
            "alive",
            Map.of(
                VISIBILITY_TIMEOUT,
                "1",
                REDRIVE_POLICY,
                "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":1}"
                    .formatted(sqs.arn("dead"))));
    String sentAt = Long.toString(time.instant().toEpochMilli());
    sqs.sendMessage(r -> r.queueUrl(alive).messageBody("poison"));
    receive(alive);
    time.advance(Duration.ofSeconds(1));
    assertThat(receive(alive)).isEmpty();
    Message message = receive(dead).get(0);
    assertThat(message.attributes())
        .containsEntry(MessageSystemAttributeName.SENT_TIMESTAMP, sentAt)
        .containsEntry(MessageSystemAttributeName.DEAD_LETTER_QUEUE_SOURCE_ARN, sqs.arn("alive"));
    assertThat(sqs.events()).extracting(MessageEvent::kind).contains(MOVED);
  }

  @Test
  void moveTaskBringsDeadLettersBack() {
    String dead = sqs.createQueue("dead");
    String alive =
        sqs.createQueue(
            "alive",
            Map.of(
                REDRIVE_POLICY,
                "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":1}"
                    .formatted(sqs.arn("dead"))));
    sqs.sendMessage(r -> r.queueUrl(alive).messageBody("poison"));
    change(alive, receive(alive).get(0), 0);
    receive(alive);
    sqs.startMessageMoveTask(r -> r.sourceArn(sqs.arn("dead")));
    assertThat(receive(dead)).isEmpty();
    assertThat(receive(alive)).extracting(Message::body).containsExactly("poison");
  }

  @Test
  void repeatedAttemptLeasesAnewUntilAMessageIsTouched() {
    String fifo = sqs.createQueue("attempts.fifo");
    sendFifo(fifo, "g", "m");
    Message first = attempt(fifo).get(0);
    time.advance(Duration.ofSeconds(20));
    assertThat(attempt(fifo)).containsExactly(first);
    time.advance(Duration.ofSeconds(20));
    assertThat(sqs.inFlight("attempts.fifo")).isEqualTo(1);
    change(fifo, first, 30);
    assertThat(attempt(fifo)).isEmpty();
  }

  @Test
  void fifoReceiveTakesAWholeGroupFirst() {
    String fifo = sqs.createQueue("whole.fifo");
    sendFifo(fifo, "a", "a1");
    sendFifo(fifo, "b", "b1");
    sendFifo(fifo, "a", "a2");
    sendFifo(fifo, "b", "b2");
    assertThat(receive(fifo)).extracting(Message::body).containsExactly("a1", "a2", "b1", "b2");
  }

  @Test
  void queuesPageWhenAskedTo() {
    IntStream.range(0, 5).forEach(i -> sqs.createQueue("page-" + i));
    assertThat(
            sqs.listQueuesPaginator(r -> r.queueNamePrefix("page-").maxResults(2)).stream()
                .map(page -> page.queueUrls().size()))
        .containsExactly(2, 2, 1);
  }

  @Test
  void tagsAreKept() {
    sqs.tagQueue(r -> r.queueUrl(url).tags(Map.of("owner", "me", "lease", "1")));
    sqs.untagQueue(r -> r.queueUrl(url).tagKeys("lease"));
    assertThat(sqs.listQueueTags(r -> r.queueUrl(url)).tags())
        .containsOnly(Map.entry("owner", "me"));
  }

  @Test
  void callsTellSizes() {
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("12345"));
    receive(url);
    assertThat(sqs.calls())
        .extracting(Call::operation, Call::queue, Call::asked, Call::answered, Call::bytes)
        .containsExactly(
            tuple(Operation.CREATE_QUEUE, "orders", 1, 1, 0L),
            tuple(Operation.SEND, "orders", 1, 1, 5L),
            tuple(Operation.RECEIVE, "orders", 10, 1, 5L));
    sqs.forgetRecords();
    assertThat(sqs.calls()).isEmpty();
    assertThat(sqs.events()).isEmpty();
  }

  @Test
  void closedClientIsOfNoUse() {
    sqs.close();
    assertThatThrownBy(() -> receive(url)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void machineTimeServesToo() {
    try (InMemorySqs real = new InMemorySqs()) {
      String orders = real.createQueue("orders");
      real.sendMessage(r -> r.queueUrl(orders).messageBody("m"));
      real.faults().next(Operation.RECEIVE, Fault.lateResponse(Duration.ofMillis(20)));
      assertThat(real.receiveMessage(r -> r.queueUrl(orders).waitTimeSeconds(20)).messages())
          .hasSize(1);
      assertThat(real.calls().get(2).duration()).isGreaterThanOrEqualTo(Duration.ofMillis(20));
    }
  }

  private void fillInFlight(String queue, int count) {
    List<SendMessageBatchRequestEntry> entries =
        IntStream.range(0, 10)
            .mapToObj(
                n -> SendMessageBatchRequestEntry.builder().id("e" + n).messageBody("m").build())
            .toList();
    for (int i = 0; i < count; i += 10) {
      sqs.sendMessageBatch(r -> r.queueUrl(queue).entries(entries));
      sqs.receiveMessage(r -> r.queueUrl(queue).maxNumberOfMessages(10));
    }
  }

  private void sendFifo(String queue, String group, String id) {
    sqs.sendMessage(
        r -> r.queueUrl(queue).messageBody(id).messageGroupId(group).messageDeduplicationId(id));
  }

  private List<Message> receive(String queue) {
    return sqs.receiveMessage(
            r ->
                r.queueUrl(queue)
                    .maxNumberOfMessages(10)
                    .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
        .messages();
  }

  private List<Message> attempt(String queue) {
    return sqs.receiveMessage(
            r -> r.queueUrl(queue).maxNumberOfMessages(10).receiveRequestAttemptId("attempt"))
        .messages();
  }

  private void change(String queue, Message message, int seconds) {
    sqs.changeMessageVisibility(
        r -> r.queueUrl(queue).receiptHandle(message.receiptHandle()).visibilityTimeout(seconds));
  }
}
