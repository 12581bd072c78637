package io.multisqs.benchmarks.harness;

import java.util.List;

/** What a thread was at when it was found on a processor. */
public enum Layer {
  HANDLER("handler"),
  SOCKETS("sockets"),
  WAKING("waiting, waking, locks"),
  LISTENER("consumer's own"),
  MD5("MD5 check"),
  SIGNING("signing"),
  HTTP("HTTP client"),
  JSON("JSON"),
  SDK("rest of the SDK"),
  OTHER("else");

  private static final String HARNESS = "io.multisqs.benchmarks.harness.";
  private static final List<String> WAITS =
      List.of(
          "java.lang.Object.wait",
          "java.lang.Thread.sleep",
          "java.lang.Thread.yield",
          "java.lang.VirtualThread.",
          "java.util.concurrent.ForkJoin",
          "java.util.concurrent.locks.",
          "jdk.internal.vm.Continuation.",
          "sun.nio.ch.EventFD.");
  private static final List<String> OWN =
      List.of(
          "io.multisqs.",
          "io.awspring.",
          "org.springframework.",
          "com.jashmore.",
          "com.amazon.sqs.javamessaging.",
          "software.amazon.awssdk.services.sqs.batchmanager.",
          "software.amazon.awssdk.services.sqs.internal.batchmanager.");
  private static final List<String> HTTP_CLIENTS =
      List.of(
          "org.apache.",
          "io.netty.",
          "sun.net.www.",
          "software.amazon.awssdk.crt.",
          "software.amazon.awssdk.http.apache",
          "software.amazon.awssdk.http.nio.",
          "software.amazon.awssdk.http.crt.",
          "software.amazon.awssdk.http.urlconnection.");

  private final String title;

  Layer(String title) {
    this.title = title;
  }

  /** In a table. */
  public String title() {
    return title;
  }

  /** The name of its figure. */
  public String figure() {
    return "cpuMicrosEach." + name();
  }

  /**
   * The layer whose frame is nearest to the top of a stack. Frames of the JDK and of the SDK's
   * utilities are of whom they work for, but for those in which a thread talks to the kernel.
   *
   * @param stack of {@code package.Class.method}, the innermost first
   */
  static Layer of(List<String> stack) {
    String top = stack.isEmpty() ? "" : stack.get(0);
    if (top.contains("park") || WAITS.stream().anyMatch(top::startsWith)) {
      return WAKING;
    }
    if (top.startsWith("sun.nio.ch.") || top.startsWith("java.net.Socket")) {
      return SOCKETS;
    }
    for (String frame : stack) {
      Layer layer = ofFrame(frame);
      if (layer != OTHER) {
        return layer;
      }
    }
    return OTHER;
  }

  private static Layer ofFrame(String frame) {
    if (frame.startsWith(HARNESS)) {
      return HANDLER;
    }
    if (OWN.stream().anyMatch(frame::startsWith)) {
      return LISTENER;
    }
    if (HTTP_CLIENTS.stream().anyMatch(frame::startsWith)) {
      return HTTP;
    }
    if (!frame.startsWith("software.amazon.awssdk.")) {
      return OTHER;
    }
    if (frame.contains("MD5")) {
      return MD5;
    }
    if (frame.startsWith("software.amazon.awssdk.utils.")) {
      return OTHER; // it works for whoever called it
    }
    if (frame.contains(".http.auth.")
        || frame.contains("Signer")
        || frame.contains(".checksums.")) {
      return SIGNING;
    }
    if (frame.contains(".protocols.") || frame.contains(".jackson.")) {
      return JSON;
    }
    return SDK;
  }
}
