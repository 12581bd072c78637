package io.multisqs.broadcast;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.multisqs.testkit.LocalSqs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands before a local SQS, and answers some of its calls with an error, as SQS would. */
final class SqsProxy implements AutoCloseable {
  private final HttpServer http;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient onward = HttpClient.newHttpClient();
  private final URI target;
  private final Map<String, AtomicInteger> refusals = new ConcurrentHashMap<>();
  private final Map<String, String> codes = new ConcurrentHashMap<>();

  SqsProxy(LocalSqs sqs) throws IOException {
    target = sqs.endpoint();
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::answer);
    http.setExecutor(threads);
    http.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  /** Answers so many calls of an operation with an error. */
  void refuse(String operation, String code, int times) {
    codes.put(operation, code);
    refusals.put(operation, new AtomicInteger(times));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] request = exchange.getRequestBody().readAllBytes();
      String operation =
          exchange.getRequestHeaders().getFirst("X-Amz-Target").replaceFirst(".*[.]", "");
      AtomicInteger left = refusals.get(operation);
      if (left != null && left.getAndDecrement() > 0) {
        String code = codes.get(operation);
        exchange
            .getResponseHeaders()
            .set("x-amzn-query-error", "AWS.SimpleQueueService." + code + ";Sender");
        String json = "{\"__type\":\"com.amazonaws.sqs#" + code + "\",\"message\":\"refused\"}";
        send(exchange, 400, json.getBytes(StandardCharsets.UTF_8));
        return;
      }
      HttpRequest.Builder forward =
          HttpRequest.newBuilder(target).POST(HttpRequest.BodyPublishers.ofByteArray(request));
      for (String header : new String[] {"X-Amz-Target", "Content-Type", "Authorization"}) {
        forward.header(header, exchange.getRequestHeaders().getFirst(header));
      }
      HttpResponse<byte[]> answer =
          onward.send(forward.build(), HttpResponse.BodyHandlers.ofByteArray());
      send(exchange, answer.statusCode(), answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
