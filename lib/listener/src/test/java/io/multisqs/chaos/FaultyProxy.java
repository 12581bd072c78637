package io.multisqs.chaos;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a listener and its server on the loopback interface, and breaks what passes as its
 * schedule says. A blocking thread for each connection, each with a connection of its own to the
 * server.
 */
final class FaultyProxy implements AutoCloseable {
  private static final String JSON = "application/x-amz-json-1.0";

  private final ServerSocket server;
  private final InetSocketAddress target;
  private final FaultSchedule schedule;
  private final FaultLedger ledger;
  private final long givesUpAfterMillis;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /**
   * Starts on a free port.
   *
   * @param givesUpAfter after how long the client that will use it gives a call up
   */
  FaultyProxy(URI target, FaultSchedule schedule, FaultLedger ledger, Duration givesUpAfter)
      throws IOException {
    this.target = new InetSocketAddress(target.getHost(), target.getPort());
    this.schedule = schedule;
    this.ledger = ledger;
    this.givesUpAfterMillis = givesUpAfter.toMillis();
    this.server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    startThread("chaos-proxy", this::accept);
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  private static void startThread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        open.add(client);
        startThread("chaos-connection", () -> serve(client));
      } catch (IOException ignored) {
        // Closed, or a client that went away before it was taken: the next one, if any.
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket upstream = new Socket()) {
      client.setTcpNoDelay(true);
      upstream.setTcpNoDelay(true);
      upstream.connect(target);
      open.add(upstream);
      Pipe pipe =
          new Pipe(
              client,
              new BufferedInputStream(client.getInputStream()),
              client.getOutputStream(),
              new BufferedInputStream(upstream.getInputStream()),
              upstream.getOutputStream());
      for (HttpMessage request = HttpMessage.read(pipe.fromClient, pipe.toClient);
          request != null && pass(pipe, request);
          request = HttpMessage.read(pipe.fromClient, pipe.toClient)) {
        // The next one on the same connection.
      }
    } catch (IOException e) {
      // One side went away, as sides do here.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  private record Pipe(
      Socket client,
      InputStream fromClient,
      OutputStream toClient,
      InputStream fromServer,
      OutputStream toServer) {

    HttpMessage exchange(HttpMessage request) throws IOException {
      request.write(toServer);
      HttpMessage answer = HttpMessage.read(fromServer, toServer);
      if (answer == null) {
        throw new IOException("the server closed the connection");
      }
      return answer;
    }
  }

  /** Passes one exchange on, broken or whole; whether the connection lives. */
  private boolean pass(Pipe pipe, HttpMessage request) throws IOException, InterruptedException {
    long began = System.nanoTime();
    String action = request.action();
    FaultSchedule.@Nullable Order order = schedule.next(action).orElse(null);
    if (order == null) {
      HttpMessage answer = whole(pipe, request, action);
      long millis = (System.nanoTime() - began) / 1_000_000;
      answer.write(pipe.toClient);
      if (millis > givesUpAfterMillis * 3 / 4) {
        ledger.note(FaultKind.SLOW_MACHINE, action, request.text(), answer.text());
      }
      return true;
    }
    boolean reaches = reaches(order);
    HttpMessage answer =
        reaches ? whole(pipe, request, action) : HttpMessage.answer(200, JSON, "{}");
    ledger.note(order.kind(), action, request.text(), answer.text());
    return broken(pipe, order, answer);
  }

  private HttpMessage whole(Pipe pipe, HttpMessage request, String action) throws IOException {
    HttpMessage answer = pipe.exchange(request);
    if (action.equals("ReceiveMessage")) {
      ledger.learn(answer.text());
    }
    return answer;
  }

  /** Whether the request takes effect on the server all the same. */
  private static boolean reaches(FaultSchedule.Order order) {
    return switch (order.kind()) {
      case LATENCY, RESET_AFTER, GARBLED_ANSWER, LATE_ANSWER -> true;
      case RESET_BEFORE, HTTP_503, THROTTLED -> false;
      default -> order.chance().nextBoolean();
    };
  }

  private boolean broken(Pipe pipe, FaultSchedule.Order order, HttpMessage answer)
      throws IOException, InterruptedException {
    SplittableRandom chance = order.chance();
    switch (order.kind()) {
      case LATENCY -> {
        Thread.sleep(20 + chance.nextLong(380));
        answer.write(pipe.toClient);
      }
      case RESET_BEFORE, RESET_AFTER -> {
        pipe.client.setSoLinger(true, 0);
        return false;
      }
      case EMPTY_ANSWER -> HttpMessage.answer(200, JSON, "").write(pipe.toClient);
      case GARBLED_ANSWER -> garbled(answer, chance).write(pipe.toClient);
      case HTTP_500 -> HttpMessage.answer(500, "text/html", "<h1>broken</h1>").write(pipe.toClient);
      case HTTP_503 -> HttpMessage.answer(503, "text/plain", "slow down").write(pipe.toClient);
      case THROTTLED ->
          HttpMessage.answer(
                  400,
                  JSON,
                  "{\"__type\":\"com.amazonaws.sqs#RequestThrottled\","
                      + "\"message\":\"Rate exceeded\"}")
              .write(pipe.toClient);
      case LATE_ANSWER -> {
        Thread.sleep(givesUpAfterMillis + chance.nextLong(1_000));
        answer.write(pipe.toClient);
        return false;
      }
      case SLOW_MACHINE -> throw new IllegalStateException("never on order");
    }
    return true;
  }

  private static HttpMessage garbled(HttpMessage answer, SplittableRandom chance) {
    String text = answer.text();
    return switch (chance.nextInt(5)) {
      case 0 -> HttpMessage.answer(200, JSON, text.substring(0, text.length() / 2));
      case 1 -> HttpMessage.answer(200, "text/html", "<html>a captive portal</html>");
      case 2 -> HttpMessage.answer(200, JSON, "[1,2,3]");
      case 3 ->
          HttpMessage.answer(200, JSON, text.replace("\"MD5OfBody\":\"", "\"MD5OfBody\":\"x"));
      default -> HttpMessage.answer(200, JSON, text.replace("\"Id\":\"", "\"Id\":\"9"));
    };
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
