package io.multisqs.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.RequestThrottledException;
import software.amazon.awssdk.services.sqs.model.SqsException;

class FaultsTest {

  private final VirtualTime time = new VirtualTime();
  private final InMemorySqs sqs = new InMemorySqs(time);
  private final String url = sqs.createQueue("orders");
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void endThreads() {
    threads.shutdownNow();
  }

  @Test
  void throttledCallHasNoEffectAndLooksThrottled() {
    send("m");
    sqs.faults().next(Operation.RECEIVE, Fault.throttle());
    assertThatThrownBy(this::receive)
        .isInstanceOfSatisfying(
            RequestThrottledException.class,
            e -> {
              assertThat(e.isThrottlingException()).isTrue();
              assertThat(e.awsErrorDetails().errorCode()).isEqualTo("RequestThrottled");
            });
    assertThat(receive()).hasSize(1);
  }

  @Test
  void faultStrikesAsOftenAsOrdered() {
    sqs.faults().next(Operation.RECEIVE, 2, Fault.internalError());
    assertThatThrownBy(this::receive).isInstanceOf(SqsException.class);
    assertThat(sqs.faults().pending()).isEqualTo(1);
    assertThatThrownBy(this::receive).isInstanceOf(SqsException.class);
    assertThat(receive()).isEmpty();
    assertThat(sqs.faults().pending()).isZero();
  }

  @Test
  void faultsStrikeInTheOrderOfTheirMaking() {
    sqs.faults().next(Operation.RECEIVE, Fault.timeout()).next(Operation.RECEIVE, Fault.throttle());
    assertThatThrownBy(this::receive).isInstanceOf(ApiCallTimeoutException.class);
    assertThatThrownBy(this::receive).isInstanceOf(RequestThrottledException.class);
  }

  @Test
  void faultOnOneQueueLeavesOthersAlone() {
    String other = sqs.createQueue("others");
    sqs.faults().on("orders").always(Operation.RECEIVE, Fault.timeout());
    assertThat(sqs.receiveMessage(r -> r.queueUrl(other)).messages()).isEmpty();
    assertThatThrownBy(this::receive).isInstanceOf(ApiCallTimeoutException.class);
    sqs.faults().on("others").clear();
    assertThatThrownBy(this::receive).isInstanceOf(ApiCallTimeoutException.class);
    sqs.faults().on("orders").clear();
    assertThat(receive()).isEmpty();
  }

  @Test
  void lostResponseHasItsEffect() {
    send("m");
    sqs.faults().next(Operation.RECEIVE, Fault.lostResponse());
    assertThatThrownBy(this::receive).isInstanceOf(SdkClientException.class);
    assertThat(sqs.inFlight("orders")).isEqualTo(1);
    time.advance(Duration.ofSeconds(30));
    Message again = receive().get(0);
    sqs.faults().next(Operation.DELETE, Fault.lostResponse());
    assertThatThrownBy(() -> delete(again)).isInstanceOf(SdkClientException.class);
    assertThat(sqs.messages("orders")).isEmpty();
  }

  @Test
  void timedOutDeleteHasNoEffect() {
    send("m");
    Message message = receive().get(0);
    sqs.faults().next(Operation.DELETE, Fault.timeout());
    assertThatThrownBy(() -> delete(message)).isInstanceOf(ApiCallTimeoutException.class);
    assertThat(sqs.inFlight("orders")).isEqualTo(1);
  }

  @Test
  void chosenEntriesFail() {
    send("a", "b", "c");
    List<Message> received = receive();
    sqs.faults().next(Operation.DELETE_BATCH, Fault.failEntries(0, 2));
    DeleteMessageBatchResponse response = deleteBatch(received);
    assertThat(response.successful())
        .extracting(DeleteMessageBatchResultEntry::id)
        .containsExactly("1");
    assertThat(response.failed())
        .extracting(BatchResultErrorEntry::id, BatchResultErrorEntry::senderFault)
        .containsExactly(tuple("0", false), tuple("2", false));
    assertThat(sqs.messages("orders")).extracting(QueuedMessage::body).containsExactly("a", "c");
  }

  @Test
  void everyEntryFailsWhenNoneIsChosen() {
    send("a", "b");
    sqs.faults().next(Operation.DELETE_BATCH, Fault.failEntries());
    assertThat(deleteBatch(receive()).failed()).hasSize(2);
  }

  @Test
  void messageInFlightIsDeliveredAgain() {
    send("m");
    Message first = receive().get(0);
    sqs.faults().next(Operation.RECEIVE, Fault.duplicateDelivery());
    Message second = receive().get(0);
    assertThat(second.messageId()).isEqualTo(first.messageId());
    assertThat(second.receiptHandle()).isNotEqualTo(first.receiptHandle());
    assertThat(sqs.messages("orders")).extracting(QueuedMessage::receiveCount).containsExactly(2);
    delete(first);
    assertThat(sqs.inFlight("orders")).isEqualTo(1);
    delete(second);
    assertThat(sqs.messages("orders")).isEmpty();
  }

  @Test
  void duplicateWaitsForAReceiveThatHasSomethingToRepeat() {
    sqs.faults().next(Operation.RECEIVE, Fault.duplicateDelivery());
    assertThat(receive()).isEmpty();
    send("m");
    assertThat(receive()).hasSize(1);
    assertThat(sqs.faults().pending()).isEqualTo(1);
    assertThat(receive()).hasSize(1);
    assertThat(sqs.faults().pending()).isZero();
  }

  @Test
  void lateResponseHasItsEffectNow() throws Exception {
    send("m");
    sqs.faults().next(Operation.RECEIVE, Fault.lateResponse(Duration.ofSeconds(40)));
    CompletableFuture<List<Message>> answer = CompletableFuture.supplyAsync(this::receive, threads);
    await().until(() -> time.waiters() == 1);
    assertThat(sqs.inFlight("orders")).isEqualTo(1);
    time.advance(Duration.ofSeconds(39));
    assertThat(answer).isNotDone();
    time.advance(Duration.ofSeconds(1));
    // By now the lease has run out that the answer speaks of.
    assertThat(answer.get()).hasSize(1);
    assertThat(sqs.visible("orders")).isEqualTo(1);
  }

  @Test
  void othersAreServedWhileAnAnswerIsLate() {
    sqs.faults().next(Operation.RECEIVE, Fault.lateResponse(Duration.ofSeconds(40)));
    CompletableFuture<List<Message>> unused = CompletableFuture.supplyAsync(this::receive, threads);
    await().until(() -> time.waiters() == 1);
    send("m");
    assertThat(receive()).hasSize(1);
    time.advance(Duration.ofSeconds(40));
    assertThat(unused.join()).isEmpty();
  }

  @Test
  void faultThatCannotStrikeIsRefused() {
    Faults faults = sqs.faults();
    assertThatThrownBy(() -> faults.next(Operation.DELETE, Fault.failEntries(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> faults.always(Operation.SEND, Fault.duplicateDelivery()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> faults.next(Operation.SEND, 0, Fault.timeout()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was 0");
  }

  @Test
  void failedCallIsOnRecord() {
    sqs.faults().next(Operation.RECEIVE, Fault.throttle());
    assertThatThrownBy(this::receive).isInstanceOf(RequestThrottledException.class);
    assertThat(sqs.calls())
        .filteredOn(call -> call.operation() == Operation.RECEIVE)
        .containsExactly(
            new Call(
                Operation.RECEIVE,
                "orders",
                time.instant(),
                time.instant(),
                10,
                0,
                0,
                "RequestThrottled"));
  }

  private void send(String... bodies) {
    for (String body : bodies) {
      sqs.sendMessage(r -> r.queueUrl(url).messageBody(body));
    }
  }

  private List<Message> receive() {
    return sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10)).messages();
  }

  private void delete(Message message) {
    sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
  }

  private DeleteMessageBatchResponse deleteBatch(List<Message> messages) {
    List<DeleteMessageBatchRequestEntry> entries =
        messages.stream()
            .map(
                message ->
                    DeleteMessageBatchRequestEntry.builder()
                        .id(Integer.toString(messages.indexOf(message)))
                        .receiptHandle(message.receiptHandle())
                        .build())
            .toList();
    return sqs.deleteMessageBatch(r -> r.queueUrl(url).entries(entries));
  }
}
