package io.multisqs.testkit;

import static java.util.Objects.requireNonNull;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Hands a {@link LocalSqs} and its {@link SqsClient} to the constructor, methods and lifecycle
 * methods of a JUnit test class that have parameters of these types.
 *
 * <p>One server serves a class: it starts when first asked for and is closed after the last test.
 * After each test all of its queues are deleted, so each starts with none; with tests that run
 * concurrently within a class, use a server of one's own for each instead.
 *
 * <p>Works with JUnit 5.10 and later, and with JUnit 6. The test kit brings neither: your project
 * has its own {@code junit-jupiter-api}.
 *
 * <pre>{@code
 * @WithLocalSqs
 * class OrderHandlerTest {
 *   @Test
 *   void handlesOrder(LocalSqs sqs) {
 *     String url = sqs.createQueue("orders");
 *     …
 *   }
 * }
 * }</pre>
 */
public final class LocalSqsExtension implements ParameterResolver, AfterEachCallback {

  private static final Namespace NAMESPACE = Namespace.create(LocalSqsExtension.class);

  /** Made by JUnit. */
  public LocalSqsExtension() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == LocalSqs.class || type == SqsClient.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    LocalSqs sqs = server(context);
    return parameter.getParameter().getType() == SqsClient.class ? sqs.client() : sqs;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Running running = outermost(context).getStore(NAMESPACE).get(LocalSqs.class, Running.class);
    if (running != null) {
      running.sqs().deleteAllQueues();
    }
  }

  @SuppressWarnings("deprecation") // Its successor, computeIfAbsent, is not in JUnit 5.
  private static LocalSqs server(ExtensionContext context) {
    Running running =
        outermost(context)
            .getStore(NAMESPACE)
            .getOrComputeIfAbsent(
                LocalSqs.class, key -> new Running(LocalSqs.start()), Running.class);
    return requireNonNull(running).sqs();
  }

  private static ExtensionContext outermost(ExtensionContext context) {
    ExtensionContext classContext = context;
    while (true) {
      ExtensionContext parent = classContext.getParent().orElse(context.getRoot());
      if (parent == context.getRoot() || parent.getTestClass().isEmpty()) {
        return classContext;
      }
      classContext = parent;
    }
  }

  /**
   * A server in the store, which closes it once the class it belongs to is through: before JUnit
   * 5.13 a store closes only what is a {@link ExtensionContext.Store.CloseableResource}, since then
   * what is AutoCloseable.
   */
  @SuppressWarnings("deprecation")
  private record Running(LocalSqs sqs)
      implements ExtensionContext.Store.CloseableResource, AutoCloseable {
    @Override
    public void close() {
      sqs.close();
    }
  }
}
