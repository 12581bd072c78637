package io.multisqs.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

class LongPollTest {

  private final VirtualTime time = new VirtualTime();
  private final InMemorySqs sqs = new InMemorySqs(time);
  private final String url = sqs.createQueue("orders");
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void endThreads() {
    threads.shutdownNow();
  }

  @Test
  void pollEndsEmptyWhenItsTimeIsOver() throws Exception {
    CompletableFuture<List<Message>> poll = poll(20);
    time.advance(Duration.ofSeconds(19));
    assertThat(poll).isNotDone();
    time.advance(Duration.ofSeconds(1));
    assertThat(poll.get()).isEmpty();
  }

  @Test
  void pollBringsWhatIsSentMeanwhile() throws Exception {
    CompletableFuture<List<Message>> poll = poll(20);
    time.advance(Duration.ofSeconds(3));
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("late"));
    assertThat(poll.get()).extracting(Message::body).containsExactly("late");
    assertThat(sqs.calls())
        .filteredOn(call -> call.operation() == Operation.RECEIVE)
        .extracting(Call::duration)
        .containsExactly(Duration.ofSeconds(3));
  }

  @Test
  void pollBringsWhatBecomesVisibleMeanwhile() throws Exception {
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("delayed").delaySeconds(5));
    CompletableFuture<List<Message>> poll = poll(20);
    time.advance(Duration.ofSeconds(4));
    assertThat(poll).isNotDone();
    time.advance(Duration.ofSeconds(1));
    assertThat(poll.get()).extracting(Message::body).containsExactly("delayed");
  }

  @Test
  void pollBringsWhatIsReleasedMeanwhile() throws Exception {
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("m"));
    Message message = sqs.receiveMessage(r -> r.queueUrl(url)).messages().get(0);
    CompletableFuture<List<Message>> poll = poll(20);
    sqs.changeMessageVisibility(
        r -> r.queueUrl(url).receiptHandle(message.receiptHandle()).visibilityTimeout(0));
    assertThat(poll.get()).hasSize(1);
  }

  @Test
  void pollBringsWhatComesBackSoonerThanItDidFirst() throws Exception {
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("m"));
    Message message = sqs.receiveMessage(r -> r.queueUrl(url)).messages().get(0);
    CompletableFuture<List<Message>> poll = poll(20);
    sqs.changeMessageVisibility(
        r -> r.queueUrl(url).receiptHandle(message.receiptHandle()).visibilityTimeout(5));
    await().until(() -> time.waiters() == 1);
    time.advance(Duration.ofSeconds(5));
    assertThat(poll.get()).hasSize(1);
  }

  @Test
  void deleteFreesTheGroupForAPoll() throws Exception {
    String fifo = sqs.createQueue("orders.fifo");
    for (String body : List.of("1", "2")) {
      sqs.sendMessage(
          r -> r.queueUrl(fifo).messageBody(body).messageGroupId("g").messageDeduplicationId(body));
    }
    Message first = sqs.receiveMessage(r -> r.queueUrl(fifo)).messages().get(0);
    CompletableFuture<List<Message>> poll =
        CompletableFuture.supplyAsync(
            () -> sqs.receiveMessage(r -> r.queueUrl(fifo).waitTimeSeconds(20)).messages(),
            threads);
    await().until(() -> time.waiters() == 1);
    sqs.deleteMessage(r -> r.queueUrl(fifo).receiptHandle(first.receiptHandle()));
    assertThat(poll.get()).extracting(Message::body).containsExactly("2");
  }

  @Test
  void oneMessageEndsOneOfTwoPolls() throws Exception {
    CompletableFuture<List<Message>> first = poll(20);
    CompletableFuture<List<Message>> second = startPoll(20);
    await().until(() -> time.waiters() == 2);
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("one"));
    await().until(() -> time.waiters() == 1);
    await().until(() -> first.isDone() || second.isDone());
    time.advance(Duration.ofSeconds(20));
    assertThat(first.get().size() + second.get().size()).isEqualTo(1);
  }

  @Test
  void pollOnDeletedQueueFails() {
    CompletableFuture<List<Message>> poll = poll(20);
    sqs.deleteQueue(r -> r.queueUrl(url));
    assertThatThrownBy(poll::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(QueueDoesNotExistException.class);
  }

  @Test
  void closeEndsPoll() {
    CompletableFuture<List<Message>> poll = poll(20);
    sqs.close();
    assertThatThrownBy(poll::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void interruptEndsPollAndKeepsFlag() throws Exception {
    AtomicBoolean flag = new AtomicBoolean();
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread poller =
        new Thread(
            () -> {
              try {
                sqs.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(20));
              } catch (AbortedException e) {
                flag.set(Thread.currentThread().isInterrupted());
                thrown.complete(e);
              }
            });
    poller.start();
    await().until(() -> time.waiters() == 1);
    poller.interrupt();
    assertThat(thrown.get()).isInstanceOf(AbortedException.class);
    assertThat(flag).isTrue();
    poller.join();
    assertThat(time.waiters()).isZero();
  }

  private CompletableFuture<List<Message>> poll(int seconds) {
    CompletableFuture<List<Message>> poll = startPoll(seconds);
    await().until(() -> time.waiters() == 1);
    return poll;
  }

  private CompletableFuture<List<Message>> startPoll(int seconds) {
    return CompletableFuture.supplyAsync(
        () ->
            sqs.receiveMessage(
                    r -> r.queueUrl(url).waitTimeSeconds(seconds).maxNumberOfMessages(10))
                .messages(),
        threads);
  }
}
