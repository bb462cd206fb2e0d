# The images of the two kinds of node: `docker build --target edge .` and `--target room .` (docs/containers.md).

FROM node:22-bookworm-slim AS web
WORKDIR /src
COPY src/Web/package.json src/Web/package-lock.json src/Web/.npmrc ./
RUN npm ci
COPY src/Web ./
RUN npm run build

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src ./src
RUN dotnet publish src/Edge -c Release -o /out/edge && dotnet publish src/Cluster -c Release -o /out/room \
    && dotnet publish src/Cmd -c Release -o /out/pbm

# Nothing is written but /data and /tmp, so the root file system can be read-only. APP_UID is the image's own unprivileged user.
FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS node
WORKDIR /app
RUN mkdir -p /data/objects && chown -R "$APP_UID" /data
ENV DATA=/data \
    DOTNET_EnableDiagnostics=0 \
    AkkaChat__Cluster__BindHostname=0.0.0.0 \
    AkkaChat__Cluster__Port=5100 \
    AkkaChat__Management__Hostname=0.0.0.0 \
    AkkaChat__Management__Port=9110
VOLUME /data
COPY --from=build /out/pbm /app/pbm
EXPOSE 5100 9110
STOPSIGNAL SIGTERM
USER $APP_UID

FROM node AS room
COPY --from=build /out/room ./
ENV AkkaChat__Cluster__Roles__0=room
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["dotnet", "AkkaChat.Cluster.dll", "health", "http://127.0.0.1:9110/health/ready"]
ENTRYPOINT ["dotnet", "AkkaChat.Cluster.dll"]

FROM node AS edge
COPY --from=build /out/edge ./
COPY --from=web /src/dist /app/wwwroot
ENV AkkaChat__Cluster__Roles__0=edge \
    AkkaChat__Web__Root=/app/wwwroot \
    ASPNETCORE_URLS=http://0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["dotnet", "AkkaChat.Edge.dll", "health", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["dotnet", "AkkaChat.Edge.dll"]
