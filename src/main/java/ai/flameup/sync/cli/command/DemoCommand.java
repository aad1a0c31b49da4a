package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.demo.Demo;
import ai.flameup.sync.demo.StandInServer;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description =
                "Run the whole job without configuration, against an embedded Postgres and a stand-in for Flameup."
                        + " Meanwhile kill the job, and let the API fail and refuse a person. Then compare every row with Flameup")
public final class DemoCommand extends Subcommand {
    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "20",
            description = "Change rows for so many seconds (default: ${DEFAULT-VALUE}); the demo takes about 10 more")
    private int seconds;

    @Option(names = "--keep", description = "Then continue until Ctrl-C, to look at the status page")
    private boolean keep;

    @Option(
            names = "--stand-in",
            paramLabel = "PORT",
            hidden = true,
            description = "Run only the stand-in for Flameup, at this port of 127.0.0.1")
    private @Nullable Integer standInPort;

    @Override
    protected ExitCode execute() throws IOException, InterruptedException {
        if (seconds < 1) {
            throw new Fault(ExitCode.USAGE, "--seconds must be 1 or more");
        }
        CountDownLatch stop = new CountDownLatch(1);
        options().signals().handle(stop::countDown, () -> {});
        if (standInPort != null) {
            standInAlone(standInPort, out(), stop);
            return ExitCode.DONE;
        }
        return Demo.run(seconds, keep, out(), stop);
    }

    /** Runs only the stand-in, for the sidecar and the Postgres of docker/compose.yaml. */
    private static void standInAlone(int port, PrintWriter out, CountDownLatch stop) throws InterruptedException {
        if (port < 1 || port > 65_535) {
            throw new Fault(ExitCode.USAGE, "--stand-in must be a port from 1 to 65535");
        }
        try (StandInServer standIn = StandInServer.start(port)) {
            out.println("Stand-in for Flameup: %s, workspace %s, token %s"
                    .formatted(standIn.baseUrl(), StandInServer.WORKSPACE, StandInServer.TOKEN));
            String printed = "";
            do {
                String counts = String.format(
                        Locale.ROOT,
                        "%,d requests, %,d persons",
                        standIn.requests(),
                        standIn.people().count());
                if (!counts.equals(printed)) {
                    out.println(counts);
                    out.flush();
                    printed = counts;
                }
            } while (!stop.await(1, TimeUnit.SECONDS));
        }
    }
}
