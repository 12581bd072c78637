package io.multisqs.chaos;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Just enough of SQS to hand out the largest messages there are, as fast as they are asked for:
 * ElasticMQ takes a second to take one in. Every queue that is named exists, and has the same
 * number of messages; what was received once is gone.
 */
final class LargeMessages implements AutoCloseable {
  private static final int BODY = 1 << 20;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final int each;
  private final Map<String, AtomicInteger> given = new ConcurrentHashMap<>();
  private final String content;

  LargeMessages(int each) throws IOException {
    this.each = each;
    String body = "x".repeat(BODY);
    this.content = "\"MD5OfBody\":\"" + md5(body) + "\",\"Body\":\"" + body + "\"}";
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
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
      case "AmazonSQS.GetQueueUrl" ->
          "{\"QueueUrl\":\"" + endpoint() + "/0/" + field("QueueName", request) + "\"}";
      case "AmazonSQS.GetQueueAttributes" ->
          "{\"Attributes\":{\"VisibilityTimeout\":\"30\",\"MaximumMessageSize\":\"" + BODY + "\"}}";
      case "AmazonSQS.ReceiveMessage" -> receive(request);
      default -> done(request);
    };
  }

  private String receive(String request) {
    AtomicInteger of =
        given.computeIfAbsent(field("QueueUrl", request), queue -> new AtomicInteger());
    int most = Integer.parseInt(field("MaxNumberOfMessages", request));
    StringBuilder messages = new StringBuilder();
    for (int i = 0; i < most; i++) {
      int n = of.getAndIncrement();
      if (n < each) {
        messages
            .append(messages.isEmpty() ? "" : ",")
            .append("{\"MessageId\":\"m" + n + "\",\"ReceiptHandle\":\"r" + n + "\",")
            .append(content);
      }
    }
    if (messages.isEmpty()) {
      sleep();
      return "{}";
    }
    return "{\"Messages\":[" + messages + "]}";
  }

  private static void sleep() {
    try {
      Thread.sleep(1_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Every entry of a batch succeeded. */
  private static String done(String request) {
    StringBuilder done = new StringBuilder();
    Matcher id = Pattern.compile("\"Id\":\"(\\d+)\"").matcher(request);
    while (id.find()) {
      done.append(done.isEmpty() ? "" : ",").append("{\"Id\":\"" + id.group(1) + "\"}");
    }
    return "{\"Successful\":[" + done + "],\"Failed\":[]}";
  }

  private static String field(String name, String json) {
    Matcher value = Pattern.compile("\"" + name + "\":\"?([^\",}]+)").matcher(json);
    if (!value.find()) {
      throw new UncheckedIOException(new IOException("no " + name + " in " + json));
    }
    return value.group(1);
  }

  private static String md5(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
      return String.format("%032x", new BigInteger(1, digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
