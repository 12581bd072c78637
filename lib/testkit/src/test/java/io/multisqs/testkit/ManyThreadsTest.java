package io.multisqs.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;

/** Senders and receivers at once, on the machine's clock. */
class ManyThreadsTest {

  private static final int SENDERS = 3;
  private static final int RECEIVERS = 5;
  private static final int MESSAGES_EACH = 300;

  @Test
  void everyMessageIsReceivedOnce() throws Exception {
    InMemorySqs sqs = new InMemorySqs();
    String url = sqs.createQueue("orders");
    Map<String, Integer> seen = run(sqs, url, "orders");
    assertThat(seen).hasSize(SENDERS * MESSAGES_EACH);
    assertThat(seen.values()).containsOnly(1);
    assertThat(sqs.messages("orders")).isEmpty();
  }

  @Test
  void groupIsInOrderAndNeverWithTwo() throws Exception {
    InMemorySqs sqs = new InMemorySqs();
    String url = sqs.createQueue("orders.fifo");
    Map<String, Integer> seen = run(sqs, url, "orders.fifo");
    assertThat(seen).hasSize(SENDERS * MESSAGES_EACH);
    assertThat(seen.values()).containsOnly(1);
    Map<Character, Integer> last = new ConcurrentHashMap<>();
    sqs.events().stream()
        .filter(event -> event.kind() == MessageEvent.Kind.RECEIVED)
        .forEach(
            event -> {
              int number = Integer.parseInt(event.body().substring(1));
              Integer before = last.put(event.body().charAt(0), number);
              assertThat(number).isEqualTo(before == null ? 0 : before + 1);
            });
  }

  private static Map<String, Integer> run(InMemorySqs sqs, String url, String queue)
      throws Exception {
    Map<String, Integer> seen = new ConcurrentHashMap<>();
    AtomicInteger left = new AtomicInteger(SENDERS * MESSAGES_EACH);
    ExecutorService threads = Executors.newFixedThreadPool(SENDERS + RECEIVERS);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < RECEIVERS; i++) {
        all.add(threads.submit(() -> receiveAll(sqs, url, seen, left)));
      }
      for (int i = 0; i < SENDERS; i++) {
        char sender = (char) ('a' + i);
        all.add(threads.submit(() -> sendAll(sqs, url, sender, queue.endsWith(".fifo"))));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    return seen;
  }

  private static void sendAll(InMemorySqs sqs, String url, char sender, boolean fifo) {
    for (int i = 0; i < MESSAGES_EACH; i++) {
      String body = sender + Integer.toString(i);
      sqs.sendMessage(
          r -> {
            r.queueUrl(url).messageBody(body);
            if (fifo) {
              r.messageGroupId(String.valueOf(sender)).messageDeduplicationId(body);
            }
          });
    }
  }

  private static void receiveAll(
      InMemorySqs sqs, String url, Map<String, Integer> seen, AtomicInteger left) {
    while (left.get() > 0) {
      List<Message> messages =
          sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(3).waitTimeSeconds(1))
              .messages();
      for (Message message : messages) {
        seen.merge(message.body(), 1, Integer::sum);
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
        left.decrementAndGet();
      }
    }
  }
}
