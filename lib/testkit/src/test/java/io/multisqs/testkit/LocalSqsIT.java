package io.multisqs.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.SqsClient;

@WithLocalSqs
class LocalSqsIT {

  private final LocalSqs ofConstructor;

  LocalSqsIT(LocalSqs sqs) {
    ofConstructor = sqs;
  }

  @Test
  void extensionHandsOutServerAndClient(LocalSqs sqs, SqsClient client) {
    assertThat(sqs).isSameAs(ofConstructor);
    assertThat(client).isSameAs(sqs.client());
    assertThat(sqs.createQueue("orders")).startsWith(sqs.endpoint() + "/");
    assertThat(sqs.createQueue("orders.fifo")).endsWith("/orders.fifo");
  }

  @RepeatedTest(2)
  void eachTestStartsWithoutQueues(LocalSqs sqs) {
    assertThat(sqs.client().listQueues().queueUrls()).isEmpty();
    sqs.createQueue("left-behind");
  }

  @Nested
  class Inside {
    @Test
    void sharesTheServer(LocalSqs sqs) {
      assertThat(sqs).isSameAs(ofConstructor);
    }
  }

  @Test
  void serversDoNotShareQueues(LocalSqs sqs) {
    try (LocalSqs other = LocalSqs.start()) {
      sqs.createQueue("mine");
      assertThat(other.client().listQueues().queueUrls()).isEmpty();
    }
  }

  @Test
  void takenPortIsReported(LocalSqs sqs) {
    int port = sqs.endpoint().getPort();
    assertThatThrownBy(() -> LocalSqs.builder().port(port).start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(Integer.toString(port));
  }

  @Test
  void closeEndsThreadsAndCallsUnderWay() throws Exception {
    Set<Long> before = threads();
    LocalSqs sqs = LocalSqs.start();
    String url = sqs.createQueue("orders");
    ExecutorService poller = Executors.newSingleThreadExecutor();
    try {
      CompletableFuture<?> poll =
          CompletableFuture.supplyAsync(
              () -> sqs.client().receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(20)), poller);
      sqs.close();
      assertThatThrownBy(() -> poll.get(15, TimeUnit.SECONDS))
          .hasCauseInstanceOf(RuntimeException.class)
          .satisfies(
              e ->
                  assertThat(e.getCause())
                      .isInstanceOfAny(SdkClientException.class, IllegalStateException.class));
    } finally {
      poller.shutdownNow();
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(threads().stream().filter(id -> !before.contains(id)).toList())
                    .isEmpty());
  }

  @Test
  void quietServerWritesNothing() throws Exception {
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-cp",
                System.getProperty("java.class.path"),
                StartAndClose.class.getName())
            .redirectErrorStream(true)
            .start();
    String output;
    try (var reader = process.inputReader()) {
      output =
          reader
              .lines()
              .filter(line -> !line.startsWith("SLF4J"))
              // The JVM's own, of JDK 24 and later, about how Scala and Pekko reach memory.
              .filter(line -> !line.startsWith("WARNING: "))
              .collect(Collectors.joining("\n"));
    }
    // It ends by itself: no thread of the server keeps the JVM.
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(output).isEqualTo("done");
  }

  private static Set<Long> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("elasticmq"))
        .map(Thread::getId)
        .collect(Collectors.toSet());
  }

  /** A program of its own, so that the output of a whole JVM can be looked at. */
  static final class StartAndClose {
    public static void main(String[] args) {
      try (LocalSqs sqs = LocalSqs.start()) {
        String url = sqs.createQueue("orders");
        sqs.client().sendMessage(r -> r.queueUrl(url).messageBody("m"));
        sqs.client().receiveMessage(r -> r.queueUrl(url));
      }
      System.out.println("done");
    }
  }
}
