package io.multisqs.testkit.sns;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SNS's query protocol over HTTP: form in, XML out. */
final class SnsServer {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.testkit.LocalSns");
  private static final int THREADS = 16;
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final HttpServer http;
  private final ExecutorService threads;
  private final SnsActions actions;

  private SnsServer(HttpServer http, ExecutorService threads, SnsActions actions) {
    this.http = http;
    this.threads = threads;
    this.actions = actions;
  }

  static SnsServer start(int port, SnsActions actions) {
    try {
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      ExecutorService threads =
          Executors.newFixedThreadPool(
              THREADS,
              work -> {
                Thread thread = new Thread(work, "local-sns-" + COUNT.incrementAndGet());
                thread.setDaemon(true);
                return thread;
              });
      SnsServer server = new SnsServer(http, threads, actions);
      http.createContext("/", server::answer);
      http.setExecutor(threads);
      http.start();
      return server;
    } catch (IOException e) {
      throw new IllegalStateException("SNS server could not listen on port " + port, e);
    }
  }

  int port() {
    return http.getAddress().getPort();
  }

  void stop() {
    http.stop(0);
    threads.shutdownNow();
    try {
      boolean unused = threads.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      int status = 200;
      String xml;
      try {
        QueryForm query = QueryForm.parse(form);
        xml = actions.run(query, UUID.randomUUID().toString());
      } catch (SnsRefusal refusal) {
        status = refusal.status;
        xml = error(refusal.code, refusal.text);
      } catch (RuntimeException e) {
        log.warn("a request to the local SNS failed", e);
        status = 500;
        xml = error("InternalError", String.valueOf(e));
      }
      byte[] body = xml.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/xml");
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static String error(String code, String message) {
    return Xml.document(
        "ErrorResponse",
        Xml.element(
                "Error",
                Xml.text("Type", "Sender") + Xml.text("Code", code) + Xml.text("Message", message))
            + Xml.text("RequestId", UUID.randomUUID().toString()));
  }
}
