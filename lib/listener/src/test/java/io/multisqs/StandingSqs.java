package io.multisqs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Just enough of SQS to count connections by: every queue exists, the first receive of the queue
 * "work" brings one message, and each other receive stands until this is closed, on a connection of
 * its own.
 */
final class StandingSqs implements AutoCloseable {
  private static final String MESSAGE =
      "{\"Messages\":[{\"MessageId\":\"m\",\"ReceiptHandle\":\"r\",\"Body\":\"hello\","
          + "\"MD5OfBody\":\"5d41402abc4b2a76b9719d911017c592\"}]}";

  static {
    // Else each answer waits for the acknowledgement of its headers, 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicBoolean given = new AtomicBoolean();
  final AtomicInteger standing = new AtomicInteger();
  final AtomicInteger deletes = new AtomicInteger();

  StandingSqs() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private void answer(HttpExchange exchange) throws IOException {
    String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
    byte[] answer = answer(target, request).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
    exchange.sendResponseHeaders(200, answer.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(answer);
    }
  }

  private String answer(String target, String request) {
    return switch (target) {
      case "AmazonSQS.GetQueueUrl" -> {
        Matcher name = Pattern.compile("\"QueueName\":\"([^\"]+)\"").matcher(request);
        yield "{\"QueueUrl\":\"" + endpoint() + "/0/" + (name.find() ? name.group(1) : "") + "\"}";
      }
      case "AmazonSQS.GetQueueAttributes" -> "{\"Attributes\":{\"VisibilityTimeout\":\"30\"}}";
      case "AmazonSQS.ReceiveMessage" ->
          request.contains("/work\"") && given.compareAndSet(false, true) ? MESSAGE : stand();
      case "AmazonSQS.DeleteMessageBatch" -> {
        deletes.incrementAndGet();
        yield "{\"Successful\":[{\"Id\":\"0\"}],\"Failed\":[]}";
      }
      default -> "{}";
    };
  }

  private String stand() {
    standing.incrementAndGet();
    try {
      closing.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    standing.decrementAndGet();
    return "{}";
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
